// Every word of the list of alerts that does not come from the server.
export const text = {
  title: 'Alerts',
  lead: 'Open alerts of all your patients, the most urgent and oldest first. None open does not mean that all are safe.',
  none: 'No alert is open.',
  col: { level: 'How soon', patient: 'Patient', what: 'What', since: 'Since', from: 'From' },
  levels: { emergency: 'Emergency', urgent: 'Urgent', soon: 'Soon', worklist: 'Worklist' } as Record<string, string>,
  sources: { check: 'her own check', attack: 'an attack', diary: 'the diary', screen: 'a screen', questionnaire: 'a questionnaire', treatment: 'a treatment', adverse_event: 'an adverse event', clinic: 'the clinic' } as Record<string, string>,
  failed: 'This could not be loaded.',
}

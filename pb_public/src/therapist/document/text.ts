// Every word of the documents that does not come from the server.
export const text = {
  back: 'Patient', plan: 'Plan of care',
  kinds: { progress: 'Progress report', discharge: 'Discharge summary', handover: 'Wellness hand-over' } as Record<string, string>,
  keys: 'Ctrl S keep · Ctrl P print',
  from: (asOf: string) => `Drafted from the record on ${asOf}. One sentence a line; edit, leave out, add.`,
  notShared: (families: string) => `Not shared with the team, and so not in it: ${families}.`,
  keep: 'Keep this version', print: 'Print', sign: 'Sign version', signs: (n: number) => `Sign version ${n}`, fresh: 'Draft anew from the record',
  versions: 'Versions', version: (n: number) => `Version ${n}`,
  written: (n: number, by: string, when: string) => `Version ${n}, ${by}, ${when}`,
  signed: (by: string, when: string) => `signed by ${by}, ${when}`,
  unsaved: 'Not kept yet (it stays on this computer)',
  kept: (n: number, when: string) => `Version ${n} kept ${when}`,
  locked: 'Signed, and stays as it is. Edit it and keep it: that is another version.',
  stale: 'Somebody has kept another version meanwhile. It is below; keep yours again to put it on top.',
  failed: 'This could not be loaded.', gone: 'There is no such document, or it is not yours.', offline: 'The server does not answer.',
  sheet: { about: (name: string, born: string) => `${name}${born ? `, born ${born}` : ''}`, by: (clinic: string, therapist: string) => [clinic, therapist].filter(Boolean).join(' · '), draft: 'Draft, not signed', page: 'A record of care, not a diagnosis.' },
}

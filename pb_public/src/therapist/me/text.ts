// The words of the page on oneself.
export const text = {
  title: 'Your licence',
  lead: 'It stands on reports and hand-overs, beside your name. Name and roles are the clinic admin’s to change.',
  loading: 'Asking the server …',
  fields: { license_no: 'Licence number', license_state: 'Issued by (state or country)', specialties: 'Specialties' } as Record<string, string>,
  since: 'Practising since',
  keep: 'Keep',
  kept: 'Kept.',
  failed: 'The server does not answer. Nothing was changed.',
  none: 'You have no role at a clinic here.',
}

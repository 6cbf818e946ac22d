// Every word of the schedule that does not come from the server.
export const text = {
  title: 'Schedule',
  week: (from: string, to: string) => `${from} to ${to}`,
  earlier: 'Week before', later: 'Week after', today: 'This week',
  keys: '← → ↑ ↓ move · Enter open · n new · p f week before, after · t this week',
  everybody: 'Everybody', whose: 'Whose visits',
  synthetic: ' · synthetic', day: 'Day', time: 'Time', none: 'No visits.', free: 'free',
  modes: { in_person: 'In person', video: 'Video', phone: 'Telephone' } as Record<string, string>,
  kinds: { evaluation: 'Evaluation', treatment: 'Treatment', review: 'Review', closing: 'Closing' } as Record<string, string>,
  statuses: {
    scheduled: 'scheduled', checked_in: 'here', completed: 'done', completed_partial: 'done in part', cancelled_patient: 'cancelled by the patient', cancelled_clinic: 'cancelled by the clinic', late_cancelled: 'cancelled late', no_show: 'did not come',
  } as Record<string, string>,
  at: (day: string, time: string) => `, ${day} ${time}, `,
  more: (words: string) => `, ${words} `,
  make: { title: 'New visit', patient: 'Patient', by: 'With', when: 'Day and time', mode: 'How', kind: 'What for', go: 'Make the visit', close: 'Close' },
  open: {
    when: 'Move to', move: 'Move', note: 'Open the note', close: 'Close', checkIn: 'Check in',
    steps: { cancelled_patient: 'Patient cancels', late_cancelled: 'Patient cancels late', cancelled_clinic: 'Clinic cancels', no_show: 'Did not come', scheduled: 'Schedule again' } as Record<string, string>,
    attack: 'Because of an attack: excused',
  },
  warned: 'Done. It says:', done: 'Done.',
  offline: 'The server does not answer.', failed: 'This could not be loaded.',
  live: 'live', stale: 'reconnecting',
  feeds: {
    title: 'On your own calendar', lead: 'A secret address of your visits: times and the word “Visit”, no names. Whoever has it can see when you work.',
    make: 'Make an address', once: 'Shown only now. Add it to your calendar as a subscription:', of: (made: string, fetched: string) => `Made ${made}, ${fetched}`, fetched: (when: string) => `fetched ${when}`, never: 'never fetched', revoke: 'Take back',
  },
}

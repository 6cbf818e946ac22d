// Every word of the program builder that does not come from the server.
export const text = {
  title: 'Home program', back: 'Patient', plan: 'Plan of care', loading: 'Loading …', failed: 'The server does not answer. What is shown may be old.', gone: 'There is no such patient, or you have no access.',
  live: 'live', notLive: 'not live', saved: 'Saved.', notSaved: (why: string) => `Not saved: ${why}`,
  keys: '/ search · Alt+↑ Alt+↓ move',
  library: {
    title: 'Library', search: 'Search the library', region: 'Region', grade: 'Grade', any: 'any', attack: 'Fit for an attack', own: 'Our own', fits: 'Fits', found: (where: string) => `found: ${where}`, goal: (words: string) => `goal: ${words}`, for: (what: string) => `for ${what}`, inVisits: 'in visits: into the plan', add: (name: string) => `Add ${name}`, addShort: 'Add', in: 'in the program',
    count: (shown: number, all: number) => `${shown} of ${all}`, gradeOf: (g: string) => `grade ${g}`, grades: 'A several trials in migraine · B one trial or a guideline · C neck or other headache · D expert', template: 'Template', prefill: 'Prefill', templateLead: 'Each item waits to be confirmed.',
    make: 'New item of our own', name: 'Name', category: 'Kind', instructions: 'What to do, as the patient reads it', keep: 'Keep',
  },
  program: {
    title: 'Program', empty: 'Nothing is prescribed yet.', up: (name: string) => `Move ${name} up`, down: (name: string) => `Move ${name} down`, upShort: '↑', downShort: '↓', stop: 'Stop', confirm: 'Confirm', waiting: 'from a template, waits to be confirmed',
    total: (minutes: number, week: number) => `About ${minutes} min a day, ${week} min a week`, against: 'Stands against it', attackOk: 'also in an attack', moved: (name: string, to: number) => `${name} is now number ${to}.`,
    kept: (done: number, of: number) => `Done ${done} of ${of} sessions in 28 days`, adjusted: (done: number, of: number) => `${done} of ${of} without excused days`,
  },
  proposals: {
    title: 'Proposed steps', none: 'No step is proposed.', accept: 'Accept', hold: 'Hold', edit: 'Edit', to: 'To', note: 'Note', keep: 'Take this step',
    kinds: { up: 'Step up', hold: 'Hold', back: 'Step back', flag: 'Look at it' } as Record<string, string>, step: (by: string, from: number, to: number) => `${by} ${from} → ${to}`,
    variables: { reps: 'repetitions', minutes: 'minutes', sets: 'sets', hold: 'seconds held', load: 'kilograms', frequency: 'days a week' } as Record<string, string>,
    reasons: {
      KEPT_WELL: 'kept well', LOW_ADHERENCE: 'few sessions done', TOO_HARD: 'felt too hard', SYMPTOM_RISE: 'symptoms rose', SYMPTOM_24H: 'symptoms rose within 24 hours', ATTACKS_24H: 'more attacks after sessions than expected', NOTHING_LEFT: 'every session fell on an excused day', EFFORT_UNKNOWN: 'effort not said',
      SYMPTOM_UNKNOWN: 'symptoms not said', FIRST_WEEK: 'first week', AT_CEILING: 'as far as it goes', NO_STEP_FITS: 'no single step back fits', FAILED_BEFORE: 'the weeks before failed too', BASIS_CHANGED: 'late entries changed the week', NOT_BY_RULE: 'not progressed by rule',
      PAUSED: 'paused', ADAPTED: 'adapted dose', RETURNING: 'return after illness', RED_FLAG_OPEN: 'a red flag is open',
    } as Record<string, string>,
    basis: (done: number, of: number) => `${done} of ${of} sessions`,
  },
  dose: {
    title: 'Dose and preview', choose: 'Choose an exercise of the program.',
    fields: { sets: 'Sets', reps: 'Repetitions', hold_seconds: 'Hold, seconds', minutes: 'Minutes', load: 'Load, kg', per_day: 'Times a day', per_week: 'Days a week' } as Record<string, string>,
    weekdays: 'On these days', days: { sun: 'Sun', mon: 'Mon', tue: 'Tue', wed: 'Wed', thu: 'Thu', fri: 'Fri', sat: 'Sat' } as Record<string, string>, auto: 'Steps apply themselves', horizon: 'Horizon', horizons: { short: 'short: function, mobility, pain', long: 'long: keep it' } as Record<string, string>,
    instructions: 'Instructions', preview: 'What the patient sees', stop: 'Stop when', caution: 'Take care', source: 'Source', versions: 'Versions', version: (n: number, day: string, by: string) => `${n} · from ${day} · ${by}`, draftPreview: 'Not shown to the patient until it is confirmed.',
    sets: (n: number, reps: number) => (n > 1 ? `${n} sets of ${reps}` : `${reps} ${reps === 1 ? 'time' : 'times'}`), onlySets: (n: number) => `${n} ${n === 1 ? 'set' : 'sets'}`, hold: (s: number) => `hold ${s} s`, minutes: (m: number) => `${m} min`, load: (kg: number) => `${kg} kg`,
    perDay: (n: number) => (n === 2 ? 'twice a day' : `${n} times a day`), perWeek: (n: number) => (n === 7 ? 'every day' : n === 1 ? 'once a week' : `${n} days a week`), asNeeded: 'as needed', onDays: (days: string[]) => `on ${days.join(', ')}`,
  },
  learn: {
    title: 'Texts to read', assign: 'Give', given: (day: string) => `given ${day}`, opened: (day: string) => `opened ${day}`, notOpened: 'not opened yet', taught: (day: string) => `said back ${day}`, saidBack: (words: string) => `“${words}”`, teach: 'Said it back', note: 'In her words', choose: 'Text', by: (author: string, day: string) => `${author}, reviewed ${day}`,
  },
  devices: {
    title: 'Devices and cold', none: 'No device is noted.', ready: 'ready to be used', notReady: 'not ready', cold: 'Cold is asked about', coldLead: 'A yes rules cold out, whoever says it.', hers: (answer: string, day: string) => `On her phone: ${answer}, ${day}`, answer: (said: boolean | null) => (said === null ? 'not sure' : said ? 'yes' : 'no'), yes: 'Yes', no: 'No', label: 'Label’s version, checked', confirm: 'Confirm against the label', needs: (what: string) => `still needed: ${what}`, found: (what: string) => `against it: ${what}`,
    cautions: { cold_urticaria: 'Hives from cold', raynaud: 'Raynaud', cryoglobulinaemia: 'Cryoglobulinaemia', numb_skin: 'Skin that does not feel' } as Record<string, string>,
  },
  conflicts: {
    title: 'Rules', none: 'Nothing stands against this program.', solve: 'Go there',
    rules: {
      E_ITEM_SCREEN: ['8.2', 'Screen contraindications', 'screen'], E_COLD_SCREEN: ['7.4', 'Look at what is asked about cold', 'cold'], E_DEVICE_SCREEN: ['7.4', 'Screen the device', 'devices'], E_MODALITY_SITE: ['7.4', 'Choose another item', 'library'],
      E_MANIP_SCREEN: ['7.3', 'Screen in the visit', 'screen'], E_MANIP_CONTRA: ['7.3', 'Choose another item', 'library'], E_MANIP_PRECAUTION: ['7.3', 'Choose another item', 'library'], E_ITEM_PLACE: ['8.2', 'Choose another item', 'library'], E_ITEM_LIBRARY: ['8.2', 'Choose another item', 'library'],
      E_STARTER: ['8.2', 'Make an item of your own', 'own'], E_NO_STEP: ['8.1', 'Hold it, or edit', 'proposals'], E_STEP_CAP: ['8.1', 'Take a smaller step', 'proposals'], E_STALE: ['8.1', 'Look at it again', 'proposals'], E_REDFLAG_OPEN: ['7.2', 'Look at the plan', 'screen'],
      E_ROLE: ['2.1', 'Ask a therapist', 'proposals'], E_VALUE: ['8.1', 'Change it', 'library'], E_SCOPE_FIXED: ['8.2', 'Add another item', 'library'],
    } as Record<string, [source: string, fix: string, at: string]>,
  },
  words: { exercise_generalized: 'general exercise', exercise_condition_specific: 'specific exercise', modality_cold: 'cold', modality_electrical: 'electrical', pmr: 'PMR', tmj: 'TMJ' } as Record<string, string>,
}

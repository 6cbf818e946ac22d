/** Missing is not zero and not false: `null` means nobody said. */
export type Flag = boolean | null
export type Num = number | null

/** What every synced row carries. Instants are `2026-01-05 14:00:00.000Z` ('' = none), days are `2026-01-05`. */
export type Row = { id: string; patient?: string; rev?: string; _deleted?: boolean }

export type Patient = Row & { clinic: string; name: string; timezone: string; synthetic: boolean }
export type Consent = Row & { patient: string; family: string; state: 'given' | 'withdrawn' }

type Entered = { patient: string; entered_at: string; entered_offset: Num; source: 'phone' | 'import' | 'clinic' }

export type DiaryDay = Row & Entered & {
  day: string
  tz: string
  headache: Flag
  worst_pain_nrs: Num
  acute_medicine: Flag
  neck_pain_nrs: Num
  note: string
}

export type Attack = Row & Entered & {
  started_at: string
  started_offset: Num
  ended_at: string
  ended_offset: Num
  end_known: '' | 'exact' | 'guess' | 'slept' | 'unknown'
  tz: string
  peak_nrs: Num
  unilateral: Flag
  pulsating: Flag
  worse_with_activity: Flag
  nausea: Flag
  vomiting: Flag
  photophobia: Flag
  phonophobia: Flag
  neck_pain: Flag
  aura: Flag
  aura_minutes: Num
  pain_absent: Flag
  note: string
}

export type Reading = Row & { patient: string; attack: string; at: string; at_offset: Num; nrs: number; source: string }
export type Phase = Row & { patient: string; attack: string; phase: string; from: string; until: string }

export type DrugClass =
  | 'triptan' | 'ergotamine' | 'opioid' | 'combination_analgesic' | 'simple_analgesic' | 'gepant' | 'ditan'
  | 'antiemetic' | 'neuromodulation' | 'cold' | 'preventive' | 'unclassified'

export type Medication = Row & {
  patient: string
  name: string
  strength: string
  drug_class: DrugClass
  indication: 'acute' | 'preventive' | 'both'
  started_on: string
  stopped_on: string
}

export type Dose = Row & Entered & {
  medication: string
  attack: string
  taken_at: string
  taken_offset: Num
  tz: string
  worked: Flag
}

export type SideEffect = Row & Entered & { medication: string; effect: string; severity: Num; stopped_because: Flag; noted_on: string; note: string }

export type Visit = Row & { patient: string; scheduled_at: string; status: string; mode: string }

export type ChangeReport = Row & Entered & { reason: string; happened_on: string; note: string }

/** One conversation a patient. A message stays as it was sent; who wrote it, the server says. */
export type CareMessage = Row & Entered & {
  author: string
  author_role: '' | 'patient' | 'therapist' | 'assistant' | 'neurologist' | 'clinic'
  body: string
  read_by_patient: string
  read_by_therapist: string
  read_by_neurologist: string
}

export type Tables = {
  patients: Patient
  consents: Consent
  diary_days: DiaryDay
  attacks: Attack
  attack_readings: Reading
  attack_phases: Phase
  medications: Medication
  medication_doses: Dose
  medication_effects: SideEffect
  triggers: Row
  trigger_exposures: Row
  exercises: Row
  exercise_logs: Row
  plans: Row
  visits: Visit
  goals: Row
  plan_items: Row
  care_messages: CareMessage
  change_reports: ChangeReport
}
export type Collection = keyof Tables

/** Every synced collection, a row's owner always before the rows that point at it: the order in which rows are sent. */
export const COLLECTIONS: readonly Collection[] = [
  'patients', 'consents', 'diary_days', 'attacks', 'attack_readings', 'attack_phases', 'medications', 'medication_doses',
  'medication_effects',
  'triggers', 'trigger_exposures', 'exercises', 'exercise_logs', 'plans', 'visits', 'goals', 'plan_items', 'care_messages',
  'change_reports',
]

/** The clinic writes these; the phone only reads them. */
export const READ_ONLY: readonly Collection[] = ['patients', 'exercises', 'plans', 'visits', 'goals', 'plan_items']

/** One wish to change a row: the fields named, nothing else. `_deleted: true` removes it. */
export type Entry = { [C in Collection]: { collection: C; row: Partial<Tables[C]> & { id: string } } }[Collection]

/** What a row points at. It cannot be without its owner; a dose stays when its attack goes. */
export const POINTERS: Partial<Record<Collection, readonly { field: string; to: Collection; owner: boolean }[]>> = {
  attack_readings: [{ field: 'attack', to: 'attacks', owner: true }],
  attack_phases: [{ field: 'attack', to: 'attacks', owner: true }],
  medication_doses: [{ field: 'medication', to: 'medications', owner: true }, { field: 'attack', to: 'attacks', owner: false }],
  medication_effects: [{ field: 'medication', to: 'medications', owner: true }],
  trigger_exposures: [{ field: 'trigger', to: 'triggers', owner: true }],
  exercise_logs: [{ field: 'exercise', to: 'exercises', owner: true }],
  goals: [{ field: 'plan', to: 'plans', owner: true }],
  plan_items: [{ field: 'plan', to: 'plans', owner: true }],
}

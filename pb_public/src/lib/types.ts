/** Missing is not zero and not false: `null` means nobody said. */
export type Flag = boolean | null
export type Num = number | null

/** What every synced row carries. Instants are `2026-01-05 14:00:00.000Z` ('' = none), days are `2026-01-05`. */
export type Row = { id: string; patient?: string; rev?: string; _deleted?: boolean }

export type Patient = Row & { clinic: string; name: string; timezone: string; birth_date: string; synthetic: boolean }
export type Consent = Row & { patient: string; family: string; state: 'given' | 'withdrawn'; version: string; decided_at: string; source: string }

type Entered = { patient: string; entered_at: string; entered_offset: Num; source: 'phone' | 'import' | 'clinic' }

export type DiaryDay = Row & Entered & {
  day: string
  tz: string
  headache: Flag
  worst_pain_nrs: Num
  acute_medicine: Flag
  neck_pain_nrs: Num
  /** Asked while they are tracked (the catalogue's `answer`), well-being once a week; absent in a row from before the first answer. */
  sleep_hours?: Num
  sleep_quality?: Num
  meals_skipped?: Num
  water_glasses?: Num
  caffeine_servings?: Num
  alcohol_units?: Num
  stress?: Num
  exercise_minutes?: Num
  wellbeing?: Num
  note: string
}

export type Attack = Row & Omit<Entered, 'source'> & {
  source: Entered['source'] | 'caregiver'
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
  places: string
  /** Red flags that an entry may say; absent in rows from before they were asked. */
  sudden?: Flag
  peak_minutes?: Num
  worst_ever?: Flag
  aura_usual?: Flag
  first_motor_aura?: Flag
  still_going_at?: string
  /** Counted as one with the attack before it, by her word; absent or null: by the rule. */
  joined?: Flag
  /** A caregiver, as she calls this person; absent or '': she did it herself. */
  entered_by?: string
  ended_by?: string
  note: string
}

export type Reading = Row & { patient: string; attack: string; at: string; at_offset: Num; nrs: number; source: string; entered_by?: string }
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
  prescriber?: string
}

export type Dose = Row & Entered & {
  medication: string
  attack: string
  taken_at: string
  taken_offset: Num
  tz: string
  worked: Flag
  /** Asked two hours later, quietly; absent until then. */
  pain_before?: Num
  pain_2h?: Num
  back_to_function_2h?: Flag
}

export type SideEffect = Row & Entered & { medication: string; effect: string; severity: Num; stopped_because: Flag; noted_on: string; note: string }

/** What somebody watches until a day. Of the catalogue (`code`), the server fills in all but the name and the last day. */
export type Trigger = Row & {
  patient: string
  name: string
  code: string
  kind: 'yes_no' | 'number'
  unit: string
  lag: number
  prodrome_possible: boolean
  track_until: string
  note: string
}
export type Exposure = Row & Entered & { trigger: string; day: string; exposed: Flag; value: Num }

/** Its order was drawn by the server. Without `agreed_at` it is a proposal. */
export type PlannedTest = Row & {
  patient: string
  factor: string
  name: string
  unit: 'day' | 'week'
  pairs: number
  start: string
  with_first: boolean[]
  agreed_at: string
  stopped_on: string
}

/** How much: what is null is no part of the dose. `exercise_versions` tells which held when. */
export type Exercise = Row & {
  patient: string
  name: string
  code: string
  instructions: string
  category: string
  aim: string
  region: string
  horizon: '' | 'short' | 'long'
  position: Num
  sets: Num
  reps: Num
  hold_seconds: Num
  minutes: Num
  load: Num
  per_day: Num
  per_week: Num
  effort_target: Num
  weekdays: string[]
  attack_ok: boolean
  stop: string
  caution: string
  source: string
  drawn: boolean
  confirmed_at: string
  version: number
  started_on: string
  stopped_on: string
}

export type ExerciseVersion = Row & {
  patient: string
  exercise: string
  version: number
  from: string
  cause: 'prescribed' | 'edited' | 'step_up' | 'step_back'
  dose: Partial<Record<'sets' | 'reps' | 'holdSeconds' | 'minutes' | 'load' | 'perDay' | 'perWeek', number | null>>
  weekdays: string[]
  confirmed: boolean
  started_on: string
  stopped_on: string
  reasons: string[] | null
  at: string
  changed_name: string
}

export type ExerciseLog = Row & Entered & {
  exercise: string
  version: number
  done_at: string
  done_offset: Num
  tz: string
  sets_done: Num
  reps_done: Num
  holds_done: Num
  load_done: Num
  minutes_done: Num
  effort: '' | 'easy' | 'ok' | 'hard'
  pain_before: Num
  pain_during: Num
  pain_after: Num
  symptom_24h: Num
  skipped: '' | 'attack' | 'illness' | 'pain' | 'tired' | 'time' | 'forgot' | 'unsure_how' | 'no_equipment' | 'other'
  adapted: boolean
  note: string
}

/** A text to read, as it was given. */
export type EducationAssignment = Row & {
  patient: string
  topic: string
  title: string
  body: string
  author: string
  source: string
  published_on: string
  reviewed_on: string
  assigned_at: string
  opened_at: string
  taught_back_on: string
  /** In her own words; only she writes it. */
  said_back?: string
  said_back_at?: string
}

export type Visit = Row & { patient: string; plan: string; kind: string; scheduled_at: string; started_at: string; ended_at: string; status: string; mode: string }

export type Plan = Row & {
  patient: string
  episode: string
  state: 'draft' | 'active' | 'paused' | 'extended' | 'completed' | 'discharged' | 'transitioned' | 'voided'
  start_date: string
  planned_end: string
  extended_until: string
  paused_since: string
  planned_visits: number
  extended_visits: number
  visit_count: number
  wellness_due: boolean
  adapted_until: string
  pause_reason: string
  pauses: { start: string; resume: string; reason: string }[] | null
  closed_on?: string
  /** The day of the visit at which the review falls due; '' before that. */
  review_on?: string
  impact_statement?: string
}

export type Goal = Row & {
  plan: string
  domain: string
  metric: string
  baseline: Num
  target: Num
  value: Num
  direction: 'lower' | 'higher'
  due: string
  horizon: string
  patient_words: string
}

export type PlanItem = Row & { plan: string; category: string; name: string; dose: string; mechanism: string[]; goals: string[]; stopped_on: string }

/** Steps are one a line. The newest `agreed_on` is the one in force. */
export type AttackPlan = Row & Entered & { steps: string; agreed_with: string; agreed_on: string; note: string }


export type ChangeReport = Row & Entered & { reason: string; happened_on: string; note: string }

/** One conversation a patient. A message stays as it was sent; who wrote it, the server says. */
export type CareMessage = Row & Entered & {
  author: string
  author_name?: string
  author_role: '' | 'patient' | 'therapist' | 'assistant' | 'neurologist' | 'clinic'
  body: string
  read_by_patient: string
  read_by_therapist: string
  read_by_neurologist: string
}

/** A questionnaire, filled or half filled: `answered_at` is empty while it is a draft. Never a score: lib/outcomes reckons it. */
export type InstrumentResponse = Row & Entered & {
  instrument: string
  version: string
  occasion: 'start' | 'review' | 'end' | 'followup' | 'other'
  answers: Record<string, Num> | null
  words: Record<string, string> | null
  totals: Record<string, Num> | null
  note: string
  answered_at: string
}

/** One of the eight statements of readiness (spec §2.8). The therapist writes the action. */
export type ReadinessAnswer = Row & { patient: string; plan: string; statement: string; answer: 'yes' | 'partly' | 'no'; action: string }

/** What a clinician has recorded that red flags and gates go by: one row. */
export type HealthFacts = Row & {
  patient: string
  known_long_aura: Flag
  cancer: Flag
  immune: Flag
  anticoagulant: Flag
  cold_urticaria: Flag
  raynaud: Flag
  cryoglobulinaemia: Flag
  numb_skin: Flag
  due_on: string
  gave_birth_on: string
}

type Level = 'emergency' | 'urgent' | 'soon' | 'worklist'

/** `answers` is one JSON text, by question of hooks/safety/redflags.json; what was not said is not in it. */
export type SafetyCheck = Row & Entered & {
  attack: string
  asked_at: string
  answers: string
  rules: string
  shown: Level | 'none' | ''
  occasion: '' | 'own' | 'attack' | 'exercise' | 'intake' | 'visit'
}

export type SafetyAlert = Row & {
  patient: string
  level: Level
  row: string
  code: string
  source: string
  about: string
  raised_at: string
  happened_at: string
  closed_at: string
  disposition: string
  assessed_on: string
  note: string
}

/** 'next': about to start, guided by the app. Empty or 'done': it was held. */
type Step = { state: '' | 'next' | 'done' }

export type Device = Row & Entered & {
  make: string
  model: string
  nerve_target: 'supraorbital' | 'upper_arm' | 'occipital' | 'vagus' | 'other'
  supply: '' | 'rx' | 'otc'
  /** One JSON text: true or false by question of hooks/safety/devices.json. */
  screening: string
  label_version: string
  label_confirmed_on: string
  started_on: string
  stopped_on: string
  note: string
}

/** What was asked before the first guided cold: one JSON text, true or false by question of hooks/safety/devices.json; null: not sure. */
export type ColdScreen = Row & Entered & { asked_at: string; answers: string }

/** What she wants to be reminded of, and when: one row, whose id is the patient's. A time is `20:30`; empty: off. */
export type Reminders = Row & Entered & {
  diary_at: string
  exercise_at: string
  effect: boolean
  quiet_from: string
  quiet_until: string
  tz: string
}

export type NeuromodSession = Row & Entered & Step & {
  device: string
  attack: string
  mode: 'acute' | 'preventive'
  started_at: string
  site: string
  intensity: Num
  minutes: Num
  pain_before: Num
  pain_2h: Num
  side_effect: '' | 'none' | 'tingling' | 'sleepy' | 'skin' | 'pain' | 'other'
  note: string
}

export type ModalitySession = Row & Entered & Step & {
  attack: string
  type: 'cold' | 'compression' | 'heat' | 'electrical' | 'other'
  site: string
  with_compression: Flag
  started_at: string
  minutes: Num
  pain_before: Num
  pain_30min: Num
  pain_2h: Num
  skin_reaction: '' | 'none' | 'red' | 'numb' | 'blister' | 'other'
  note: string
}

export type RelaxationSession = Row & Entered & Step & {
  attack: string
  technique: 'deep_breathing' | 'pmr' | 'guided_motor_imagery' | 'other'
  started_at: string
  minutes: Num
  stress_before: Num
  stress_after: Num
  tension_before: Num
  tension_after: Num
  note: string
}

export type AdverseEvent = Row & Entered & {
  type: 'soreness' | 'headache' | 'dizziness' | 'nausea' | 'skin' | 'fainting' | 'neurological' | 'fall' | 'other'
  severity: Num
  related: '' | 'no' | 'possible' | 'yes'
  serious: boolean
  happened_at: string
  visit: string
  item: string
  device: string
  note: string
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
  triggers: Trigger
  trigger_exposures: Exposure
  menstrual_days: Row
  health_facts: HealthFacts
  safety_checks: SafetyCheck
  safety_alerts: SafetyAlert
  cold_screens: ColdScreen
  devices: Device
  neuromod_sessions: NeuromodSession
  modality_sessions: ModalitySession
  relaxation_sessions: RelaxationSession
  exercises: Exercise
  exercise_versions: ExerciseVersion
  exercise_logs: ExerciseLog
  plans: Plan
  visits: Visit
  goals: Goal
  plan_items: PlanItem
  care_messages: CareMessage
  change_reports: ChangeReport
  instrument_responses: InstrumentResponse
  adverse_events: AdverseEvent
  education_assignments: EducationAssignment
  attack_plans: AttackPlan
  readiness_answers: ReadinessAnswer
  planned_tests: PlannedTest
  reminders: Reminders
}
export type Collection = keyof Tables

/** Every synced collection, a row's owner always before the rows that point at it: the order in which rows are sent. */
export const COLLECTIONS: readonly Collection[] = [
  'patients', 'consents', 'diary_days', 'attacks', 'attack_readings', 'attack_phases', 'medications', 'medication_doses',
  'medication_effects',
  'triggers', 'trigger_exposures', 'menstrual_days', 'health_facts', 'safety_checks', 'safety_alerts', 'cold_screens', 'devices', 'neuromod_sessions', 'modality_sessions', 'relaxation_sessions',
  'exercises', 'exercise_versions', 'exercise_logs', 'plans', 'visits', 'goals', 'plan_items', 'care_messages', 'change_reports', 'instrument_responses', 'adverse_events',
  'education_assignments', 'attack_plans', 'readiness_answers', 'planned_tests', 'reminders',
]

/** The clinic writes these; the phone only reads them. */
export const READ_ONLY: readonly Collection[] = ['patients', 'health_facts', 'safety_alerts', 'exercises', 'exercise_versions', 'plans', 'visits', 'goals', 'plan_items', 'planned_tests']

/** One wish to change a row: the fields named, nothing else. `_deleted: true` removes it. */
export type Entry = { [C in Collection]: { collection: C; row: Partial<Tables[C]> & { id: string } } }[Collection]

/** What a row points at. It cannot be without its owner; a dose stays when its attack goes. */
export const POINTERS: Partial<Record<Collection, readonly { field: string; to: Collection; owner: boolean }[]>> = {
  attack_readings: [{ field: 'attack', to: 'attacks', owner: true }],
  attack_phases: [{ field: 'attack', to: 'attacks', owner: true }],
  medication_doses: [{ field: 'medication', to: 'medications', owner: true }, { field: 'attack', to: 'attacks', owner: false }],
  medication_effects: [{ field: 'medication', to: 'medications', owner: true }],
  trigger_exposures: [{ field: 'trigger', to: 'triggers', owner: true }],
  exercise_versions: [{ field: 'exercise', to: 'exercises', owner: true }],
  exercise_logs: [{ field: 'exercise', to: 'exercises', owner: true }],
  safety_checks: [{ field: 'attack', to: 'attacks', owner: false }],
  neuromod_sessions: [{ field: 'device', to: 'devices', owner: true }, { field: 'attack', to: 'attacks', owner: false }],
  modality_sessions: [{ field: 'attack', to: 'attacks', owner: false }],
  relaxation_sessions: [{ field: 'attack', to: 'attacks', owner: false }],
  adverse_events: [{ field: 'visit', to: 'visits', owner: false }, { field: 'item', to: 'plan_items', owner: false }, { field: 'device', to: 'devices', owner: false }],
  goals: [{ field: 'plan', to: 'plans', owner: true }],
  plan_items: [{ field: 'plan', to: 'plans', owner: true }],
  readiness_answers: [{ field: 'plan', to: 'plans', owner: true }],
}

import type { Poke } from '../../lib/server'

const DIARY = ['attacks', 'attack_readings', 'attack_phases', 'diary_days', 'medications', 'medication_doses', 'consents', 'patients', 'plans']
const EXAM = ['instrument_responses']

/** What each panel rests on: a poke about one of these fetches it again. The head and the history rest on everything; of links to the report no poke tells. */
export const RESTS_ON: Record<string, string[] | '*'> = {
  head: '*',
  report: [],
  change: DIARY,
  measured: [...EXAM, 'visits', 'plans', 'consents'],
  timeline: [...DIARY, 'visits', 'devices', 'neuromod_sessions', 'modality_sessions'],
  diary: [...DIARY, 'modality_sessions', 'neuromod_sessions'],
  medicines: [...DIARY, 'medication_effects'],
  neck: [...DIARY, ...EXAM, 'visits'],
  exercises: ['exercises', 'exercise_versions', 'exercise_logs', 'attacks', 'diary_days', 'consents', 'plans', 'change_reports', 'education_assignments', 'cold_screens', 'health_facts'],
  exam: [...EXAM, 'consents', 'visits', 'plans'],
  goals: ['goals', 'plan_items', 'plans', 'readiness_answers', ...EXAM],
  triggers: ['triggers', 'trigger_exposures', 'attacks', 'diary_days', 'menstrual_days', 'consents', 'plan_items'],
  messages: ['care_messages', 'consents'],
  history: '*',
}

export const TABS = ['diary', 'medicines', 'neck', 'exercises', 'exam', 'goals', 'triggers', 'messages', 'history'] as const
export type Tab = (typeof TABS)[number]

/** The panels that news touches; after a gap nobody knows what was missed, so all of them. */
export const touched = (news: (Poke | null)[]) =>
  Object.keys(RESTS_ON).filter(panel => news.some(poke => !poke?.record || RESTS_ON[panel] === '*' || RESTS_ON[panel]!.includes(poke.record.collectionName)))

/** How long an attack lasted, in words. */
export function lasted(from: number, to: number) {
  const min = Math.max(0, Math.round((to - from) / 60_000))
  return min < 60 ? `${min} min` : `${Math.floor(min / 60)} h${min % 60 ? ` ${min % 60} min` : ''}`
}

/** A code as a person would say it. */
export const said = (code: string) => code.replaceAll('_', ' ').toLowerCase()

const DAY = 86_400_000
export const dayNumber = (day: string) => Math.round(Date.parse(`${day}T12:00Z`) / DAY)
export const addDays = (day: string, n: number) => new Date(Date.parse(`${day}T12:00Z`) + n * DAY).toISOString().slice(0, 10)

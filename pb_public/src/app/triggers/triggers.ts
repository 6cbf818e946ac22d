// What can be tracked, what a planned test has drawn for a day, and what the clinic's system says of it. It reckons; here it is only read.
import { newId } from '../../lib/id'
import { day as dayOf, daysBefore } from '../../lib/time'
import type { Entry, Num, PlannedTest, Trigger } from '../../lib/types'
import { ANSWERS } from '../daily'
import { dateOf } from '../timeline'

/** At once, on this phone: the more factors, the less each can show (§4.7). The server takes twenty. */
export const FEW = 5

/** What of the catalogue is offered here (hooks/triggers/catalogue.go). Weather is brought in by the clinic; the period has its own consent. */
export const OFFERED = {
  day: ['sleep_short', 'sleep_long', 'sleep_poor', 'stress', 'exercise', 'meals_skipped', 'water', 'caffeine', 'alcohol'],
  food: ['chocolate', 'cheese_aged', 'processed_meat', 'citrus', 'nuts', 'glutamate', 'sweetener'],
  place: ['screen_time', 'posture_long', 'jaw_clenching', 'travel', 'heat'],
  sign: [
    'neck_pain', 'neck_stiffness', 'food_craving', 'yawning', 'fatigue', 'mood_change', 'poor_concentration', 'light_sensitivity', 'sound_sensitivity', 'smell_sensitivity',
    'thirst', 'urination', 'nausea',
  ],
} as const

/** Safe to meet and to leave on drawn days. */
export const TESTABLE: readonly string[] = [
  'exercise', 'chocolate', 'cheese_aged', 'processed_meat', 'citrus', 'nuts', 'glutamate', 'sweetener', 'screen_time', 'posture_long', 'jaw_clenching',
]
export const isNumber = (code: string) => code in ANSWERS

/** The last day, so many months from now. */
export const monthsOn = (months: number, now = Date.now()) => {
  const date = new Date(now)
  return dayOf(new Date(date.getFullYear(), date.getMonth() + months, date.getDate()))
}

/** Of the catalogue, two phones make the same row; one that was tracked before is taken up again. */
export function track(patient: string, code: string, name: string, until: string, rows: readonly Trigger[]): Entry {
  const known = code && rows.find(t => t.code === code && !t._deleted)
  if (known) return { collection: 'triggers', row: { id: known.id, track_until: until } }
  return {
    collection: 'triggers',
    row: {
      id: code ? patient + code.replaceAll('_', '') : newId(), patient, name, code, kind: isNumber(code) ? 'number' : 'yes_no', unit: '', lag: code.startsWith('sleep_') ? 0 : 1,
      prodrome_possible: false, track_until: until, note: '', _deleted: false,
    },
  }
}

// --- planned tests

export const daysIn = (unit: PlannedTest['unit']) => (unit === 'week' ? 7 : 1)
const between = (from: string, to: string) => Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000)
export const endOf = ({ start, unit, with_first }: Pick<PlannedTest, 'start' | 'unit' | 'with_first'>) => dayOf(daysBefore(1 - 2 * daysIn(unit) * with_first.length, dateOf(start)))

/** What was drawn for a day; null outside the test (hooks/triggers Test.On, testdata/planned.json). */
export function drawn(test: Pick<PlannedTest, 'start' | 'unit' | 'with_first'>, day: string): boolean | null {
  const n = between(test.start, day)
  const period = Math.floor(n / daysIn(test.unit))
  const first = test.with_first[Math.floor(period / 2)]
  return n < 0 || first === undefined ? null : period % 2 === 0 ? first : !first
}

/** The one to show: running or to come before over, the newest first. */
export const testOf = (tests: readonly PlannedTest[], factor: string) =>
  tests.filter(t => t.factor === factor && !t._deleted).sort((a, b) => b.start.localeCompare(a.start))[0]

/** Under way on that day. */
export const running = (test: PlannedTest, day: string) => !!test.agreed_at && !test.stopped_on && drawn(test, day) !== null

// --- what the clinic's system says

export type Label =
  | 'likely_more_attacks' | 'possible_more_attacks' | 'likely_fewer_attacks' | 'possible_fewer_attacks' | 'likely_early_warning_sign' | 'possible_early_warning_sign'
  | 'no_clear_link' | 'insufficient_data' | 'descriptive_only'
export type What = 'recorded_days' | 'recorded_share' | 'at_risk_days' | 'onsets' | 'exposed_days' | 'unexposed_days' | 'mixed_blocks' | 'pairs'
export type Lack = { what: What; have: number; need: number; weeks: Num }
export type Share = { of: number; days: number; low: number; high: number }
type Mean = { mean: Num; days: number }
export type Finding = {
  factor: string
  code: string
  name: string
  lag: number
  label: Label
  exposed: Share
  others: Share
  dropped: { days: number }
  missing: Lack[]
  severity: { exposed: Mean; others: Mean } | null
}
/** The part of `GET /api/patients/{id}/triggers` that is shown. */
export type Answer = {
  changed: boolean
  analysis: { ranAt: string; discussedAt: string | null; patientView: string; result: { state: string; days: number; recordedDays: number; missing: Lack[]; factors: Finding[] } } | null
}
/** Of `GET /api/planned-tests/{id}`. */
export type Tested = { result: { state: string; label: Label; with: Share; without: Share; kept: number; asked: number; missing: Lack[] } | null }

/** By name: nothing is ranked. */
export const byName = <T extends { name: string }>(findings: readonly T[]) => [...findings].sort((a, b) => a.name.localeCompare(b.name))

export const weeks = (lacks: readonly Lack[]) => Math.max(0, ...lacks.map(l => l.weeks ?? 0))
export const percent = (share: number) => Math.round(100 * share)

const KEPT = 'interictal-triggers'
export type Kept = { user: string; at: number; answer: Answer | null; tests: Record<string, Tested> }

export function kept(user: string): Kept {
  const last: Kept | null = JSON.parse(localStorage.getItem(KEPT) ?? 'null')
  return last?.user === user ? last : { user, at: 0, answer: null, tests: {} }
}
/** As it is by now: two answers may come at once. */
export function keep(user: string, change: Partial<Kept>) {
  const next = { ...kept(user), ...change }
  localStorage.setItem(KEPT, JSON.stringify(next))
  return next
}

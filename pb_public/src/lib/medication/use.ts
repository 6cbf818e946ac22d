import { dayIndex, days, type Entries } from '../diary/days'

/**
 * Days of acute headache medicine in the last 30, against the limits of ICHD-3 8.2, for a phone without signal. The Go room
 * hooks/medication says what the rules are and where they come from (`go doc interictal/hooks/medication`); here is only what it
 * takes to give the same answers. Both read hooks/medication/testdata/vectors.json. The pattern of three months is the server's.
 */
export type Code = '' | 'MED_NEAR' | 'MED_OVER'
export type Use = { drugClass: string; days: number; limit: number | null; code: Code }
export type Month = {
  recordedDays: number
  acuteDays: number
  /** Those with a limit, and what else was taken. */
  byClass: Use[]
  reason: '' | 'NOT_ENOUGH_DAYS'
}

export const SEVERAL = 'several'

/** Days in 30 from which ICHD-3 speaks of overuse; null: none is defined. In the order in which they are shown. */
const LIMITS: readonly (readonly [drugClass: string, days: number | null])[] = [
  ['triptan', 10], ['ergotamine', 10], ['opioid', 10], ['combination_analgesic', 10], ['simple_analgesic', 15], [SEVERAL, 10],
  ['gepant', null], ['ditan', null], ['antiemetic', null], ['unclassified', null], ['neuromodulation', null], ['cold', null],
]
const LIMITED = new Map(LIMITS.flatMap(([drugClass, limit]) => (limit && drugClass !== SEVERAL ? [[drugClass, limit] as const] : [])))
const MONTH = 30
const ENOUGH = 21 // recorded, of 30
const NO_DRUG = ['neuromodulation', 'cold']

const before = (day: string, n: number) => new Date(Date.parse(`${day}T00:00:00Z`) - n * 86_400_000).toISOString().slice(0, 10)

/** The 30 days that end today. */
export function monthOf(entries: Entries, today: string): Month {
  const from = before(today, MONTH - 1)
  const taken = classesByDay(entries, from, today)
  const recordedDays = days(entries, 'leiden2023', from, today).filter(d => d.recorded).length
  const acuteDays = [...taken.values()].filter(classes => [...classes].some(c => !NO_DRUG.includes(c))).length
  const byClass = tell(countOf([...taken.values()]))
  if (recordedDays >= ENOUGH) return { recordedDays, acuteDays, byClass, reason: '' }
  return { recordedDays, acuteDays, byClass: byClass.map(u => ({ ...u, code: '' })), reason: 'NOT_ENOUGH_DAYS' }
}

/** What was taken against an attack, by day. Two doses on one day are one day. */
function classesByDay(entries: Entries, from: string, to: string) {
  const dayOf = dayIndex(entries)
  const out = new Map<string, Set<string>>()
  for (const d of entries.doses) {
    if (d.indication === 'preventive' || d.drug_class === 'preventive') continue
    const day = dayOf(d.taken_at, d.tz)
    if (from <= day && day <= to) out.set(day, (out.get(day) ?? new Set()).add(d.drug_class || 'unclassified'))
  }
  return out
}

function countOf(taken: readonly ReadonlySet<string>[]) {
  const count = new Map<string, number>()
  const summed = new Set<string>()
  const add = (c: string) => count.set(c, (count.get(c) ?? 0) + 1)
  for (const classes of taken) {
    const limited = [...classes].filter(c => LIMITED.has(c))
    for (const c of classes) add(c)
    for (const c of limited) summed.add(c)
    if (limited.length) add(SEVERAL)
  }
  if (summed.size < 2) count.delete(SEVERAL) // nothing to add up
  return count
}

/** Several together say nothing that one of them says already (ICHD-3 8.2.6: not individually overused). */
function tell(count: ReadonlyMap<string, number>): Use[] {
  const out: Use[] = []
  let worst: Code = ''
  for (const [drugClass, limit] of LIMITS) {
    const days = count.get(drugClass) ?? 0
    if (!days && (limit === null || drugClass === SEVERAL)) continue
    let code = level(days, limit)
    if (drugClass === SEVERAL && (worst === 'MED_OVER' || worst === code)) code = ''
    if (code === 'MED_OVER' || !worst) worst = code
    out.push({ drugClass, days, limit, code })
  }
  return out
}

/** Near from four fifths of the limit, over from the limit. */
const level = (days: number, limit: number | null): Code => (!limit || 5 * days < 4 * limit ? '' : days < limit ? 'MED_NEAR' : 'MED_OVER')

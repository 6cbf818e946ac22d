// A dose as a sentence, and how long it takes.
import { text } from './text'

/** A row of an exercise: sets, reps, hold_seconds, minutes, load, per_day, per_week, weekdays. */
export type Dosed = Record<string, unknown>

const n = (value: unknown) => (typeof value === 'number' && value > 0 ? value : 0)
const days = (e: Dosed) => (Array.isArray(e.weekdays) ? (e.weekdays as string[]) : [])

export function sentence(e: Dosed): string {
  const t = text.dose
  const [sets, reps] = [n(e.sets), n(e.reps)]
  const often = days(e).length ? t.onDays(days(e).map(d => t.days[d]!)) : n(e.per_week) ? t.perWeek(n(e.per_week)) : t.asNeeded
  return [
    reps ? t.sets(sets || 1, reps) : sets ? t.onlySets(sets) : '',
    n(e.hold_seconds) && t.hold(n(e.hold_seconds)),
    n(e.minutes) && t.minutes(n(e.minutes)),
    n(e.load) && t.load(n(e.load)),
    n(e.per_day) > 1 && t.perDay(n(e.per_day)),
    often,
  ].filter(Boolean).join(', ')
}

const A_MOVE = 4
const BETWEEN_REPS = 2
const BETWEEN_SETS = 30

/** Minutes of one session, with the rests that the phone's timer makes. */
export function sessionMinutes(e: Dosed): number {
  if (n(e.minutes)) return n(e.minutes)
  const [sets, reps] = [n(e.sets) || 1, n(e.reps) || 1]
  if (!n(e.sets) && !n(e.reps) && !n(e.hold_seconds)) return 0
  return (sets * (reps * (n(e.hold_seconds) || A_MOVE) + (reps - 1) * BETWEEN_REPS) + (sets - 1) * BETWEEN_SETS) / 60
}

/** Minutes on a day on which all of it is done, and in a week. As needed counts for neither. */
export function total(all: readonly Dosed[]): { day: number; week: number } {
  let day = 0
  let week = 0
  for (const e of all) {
    const often = days(e).length || n(e.per_week)
    if (!often) continue
    const minutes = sessionMinutes(e) * (n(e.per_day) || 1)
    day += minutes
    week += minutes * often
  }
  return { day: Math.round(day), week: Math.round(week) }
}

/** The order of a program: by place, then by name. */
export const inOrder = <T extends Dosed>(rows: readonly T[]): T[] =>
  [...rows].sort((a, b) => (n(a.position) || Infinity) - (n(b.position) || Infinity) || String(a.name).localeCompare(String(b.name)))

/** Which rows get which place when one of them moves by one. */
export function moved<T extends { id: string; position?: unknown }>(rows: readonly T[], id: string, by: 1 | -1): { id: string; position: number }[] {
  const at = rows.findIndex(r => r.id === id)
  const to = at + by
  if (at < 0 || to < 0 || to >= rows.length) return []
  const next = [...rows]
  ;[next[at], next[to]] = [next[to]!, next[at]!]
  return next.map((row, i) => ({ id: row.id, position: i + 1, was: row.position })).filter(r => r.was !== r.position).map(({ id, position }) => ({ id, position }))
}

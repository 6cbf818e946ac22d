// Two attacks near each other (hooks/diary, Merge): what the rule of the hours says, and whether there is anything to ask.
import { instant } from '../time'
import type { Attack, DiaryDay, Reading } from '../types'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** The last instant an attack is known to have been there: its end, its last reading, or its onset. */
export function until(attack: Attack, readings: readonly Reading[]) {
  const ended = instant(attack.ended_at || '-')
  if (ended >= instant(attack.started_at)) return ended
  return Math.max(instant(attack.started_at), ...readings.filter(r => r.attack === attack.id).map(r => instant(r.at)))
}

/**
 * 'one' or 'two' by the rule, where her word can change it; '' where it cannot: a day without headache lies between, or
 * more than one day is missing. `dayOf` is the calendar day of an instant, as a number.
 */
export function near(before: Attack, next: Attack, readings: readonly Reading[], days: readonly DiaryDay[], dayOf: (instant: number) => number): '' | 'one' | 'two' {
  const [end, start] = [until(before, readings), instant(next.started_at)]
  const [last, first] = [dayOf(end), dayOf(start)]
  const free = days.some(d => !d._deleted && d.headache === false && last < number(d.day) && number(d.day) < first)
  if (start < instant(before.started_at) || first - last > 2 || free) return ''
  return start - end < 48 * HOUR ? 'one' : 'two'
}

/** A calendar day as a number. */
export const number = (day: string) => Date.parse(`${day}T00:00:00Z`) / DAY

// Weeks as hooks/progress/runchart.go counts them: a week is a point when five of its days are known, put on seven; the line is the
// median of the four weeks before, when three of them are points. Both read hooks/progress/testdata/weeks.json.
import type { Flag, Num } from '../types'

export type Week = { noted: number; days: number; value: Num }

const DAYS = 7
const ENOUGH = 5
const FEWEST = 3

/** Seven days, each yes, no, or not known. */
export function weekOf(said: readonly Flag[]): Week {
  const noted = said.filter(s => s !== null).length
  const days = said.filter(s => s === true).length
  return { noted, days, value: noted >= ENOUGH ? (DAYS * days) / noted : null }
}

/** The median of the weeks that are points; null of fewer than three. */
export function lineOf(base: readonly Week[]): Num {
  const values = base.flatMap(w => w.value ?? []).sort((a, b) => a - b)
  if (values.length < FEWEST) return null
  const middle = values.length >> 1
  return values.length % 2 ? values[middle]! : (values[middle - 1]! + values[middle]!) / 2
}

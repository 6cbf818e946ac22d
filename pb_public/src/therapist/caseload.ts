import type { CaseloadRow } from '../lib/desk'

/**
 * The order to show. While somebody's pointer or focus is among the rows nothing moves: rows stay where they are, new ones
 * come last, and `moved` says how many wait for a re-sort.
 */
export function arrange(shown: string[], ranked: string[], hold: boolean) {
  if (!hold) return { order: ranked, moved: 0 }
  const still = new Set(ranked)
  const known = new Set(shown)
  const order = [...shown.filter(id => still.has(id)), ...ranked.filter(id => !known.has(id))]
  return { order, moved: order.length - inOrder(order.map(id => ranked.indexOf(id))) }
}

/** How many can stay where they are: the longest rising row of places. */
function inOrder(places: number[]) {
  const tails: number[] = []
  for (const place of places) {
    const at = tails.findIndex(tail => tail >= place)
    tails[at < 0 ? tails.length : at] = place
  }
  return tails.length
}

/** Rows that say the same stay the same objects, so that only changed ones are drawn again. */
export function carryOver(before: CaseloadRow[], after: CaseloadRow[]) {
  const known = new Map(before.map(row => [row.id, row]))
  return after.map(row => {
    const old = known.get(row.id)
    return old && JSON.stringify(old) === JSON.stringify(row) ? old : row
  })
}

export const matches = (row: CaseloadRow, words: string) => {
  const about = [row.name, row.plan?.state, row.rank.reason, row.rank.code].join(' ').toLowerCase()
  return words.toLowerCase().split(/\s+/).every(word => about.includes(word))
}

export const FILTERS = ['all', 'mine', 'alerts', 'ending', 'silent'] as const
export type Filter = (typeof FILTERS)[number]

/** `mine` are those whom the reader treats as therapist; an assistant helps with the others. */
const PASSES: Record<Filter, (row: CaseloadRow) => boolean> = {
  all: () => true,
  mine: row => row.role === 'therapist',
  alerts: row => row.alerts.open > 0,
  ending: row => row.ending,
  silent: row => row.consent && (row.silentDays === null || row.silentDays >= 5),
}
export const passes = (row: CaseloadRow, filter: Filter) => PASSES[filter](row)

/** Who has an attack that was not there before, by pokes and by what the list itself shows. */
export function newAttacks(before: CaseloadRow[], after: CaseloadRow[], poked: string[]) {
  const was = new Map(before.map(row => [row.id, row.openAttack]))
  return after.flatMap(row => {
    const counted = poked.filter(id => id === row.id).length
    const count = counted || (row.openAttack && was.get(row.id) === false ? 1 : 0)
    return count ? [{ name: nameOf(row), count }] : []
  })
}

/** Square, triangle, bars, ring, dot: the rank as a shape, so that colour is never alone. */
export type Shape = 'square' | 'triangle' | 'bars' | 'ring' | 'dot'
const SHAPES: Record<string, Shape> = { ALERT: 'square', OVERDUE: 'square', DUE: 'triangle', WORSE: 'triangle', SILENT: 'ring', LOW_HOME: 'bars' }
export const shapeOf = (code: string) => SHAPES[code] ?? 'dot'

/** A made-up person carries a mark of its own beside the name. */
export const nameOf = (row: CaseloadRow) => (row.synthetic ? row.name.replace(/ \(synthetic\)$/, '') : row.name)

export const number = (value: number) => String(Math.round(value * 10) / 10)

// One test over time with the error of measuring it twice: what stays in the band round the first value may be that error alone
// (spec/clinical.md §3.7). The server says how wide it is.
import type { Outcomes } from '../../lib/chart'

type Point = Outcomes['examination']['tests'][number]['points'][number]
export type Trend = { dots: { on: string; value: number; x: number; y: number }[]; noise: number; top: number; bottom: number; source: string }

const DAY = 86_400_000

/** In a box of this size, the first day at the left; null: nothing to compare. The band is null high where nothing was published. */
export function trendOf(points: readonly Point[], width: number, height: number): Trend | null {
  const known = points.flatMap(p => (p.value == null ? [] : [{ on: p.on, value: p.value }]))
  const [first, last] = [known[0], known.at(-1)]
  if (!first || !last || first === last) return null
  const newest = points.findLast(p => p.change)?.change
  const worth = newest?.reached ?? newest?.next
  const noise = worth?.noise ? worth.size : 0
  const values = known.map(p => p.value)
  const low = Math.min(...values, first.value - noise)
  const high = Math.max(...values, first.value + noise)
  const days = (Date.parse(last.on) - Date.parse(first.on)) / DAY || 1
  const y = (value: number) => (high === low ? height / 2 : ((high - value) / (high - low)) * height)
  const x = (on: string) => ((Date.parse(on) - Date.parse(first.on)) / DAY / days) * width
  return { dots: known.map(p => ({ ...p, x: x(p.on), y: y(p.value) })), noise, top: y(first.value + noise), bottom: y(first.value - noise), source: worth?.noise ? worth.source : '' }
}

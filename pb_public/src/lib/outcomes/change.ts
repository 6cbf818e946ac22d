// Is a change worth noting? As hooks/outcomes/change.go says it.
import type { Scale, Worth } from './table'

export type Verdict = 'worth_noting' | 'below_worth_noting' | 'within_noise' | 'no_rule' | 'not_comparable'
export type Change = { by: number | null; way: '' | 'better' | 'worse' | 'same'; verdict: Verdict; reached: Worth | null; next: Worth | null; source: string; reason: string }

const TINY = 1e-9

/** Two scores of one scale. A scale that is itself a rating of change is read as it is. */
export function compare(s: Scale, before: number | null, after: number | null): Change {
  if (s.rated && after !== null) return weigh(s, after, null)
  if (before === null || after === null) return incomparable('NO_SCORE')
  return weigh(s, after - before, before)
}

export const incomparable = (reason: string): Change =>
  ({ by: null, way: '', verdict: 'not_comparable', reached: null, next: null, source: '', reason })

function weigh(s: Scale, by: number, before: number | null): Change {
  const sizes = (s.worth ?? []).filter(w => before === null || (before >= (w.from ?? 0) && (!w.to || before <= w.to)))
  const first = sizes.findIndex(w => !reached(w, by, before))
  const next = sizes[first] ?? null
  const met = sizes[(first < 0 ? sizes.length : first) - 1] ?? null
  const verdict = met ? 'worth_noting' : next ? (next.noise ? 'within_noise' : 'below_worth_noting') : 'no_rule'
  return { by, way: way(by, s.highGood), verdict, reached: met, next, source: (met ?? next)?.source ?? '', reason: '' }
}

const reached = (w: Worth, by: number, before: number | null) =>
  w.percent ? Math.abs(by) * 100 >= w.size * Math.abs(before ?? 0) - TINY : Math.abs(by) >= w.size - TINY

function way(by: number, highGood: boolean) {
  if (Math.abs(by) < TINY) return 'same'
  return by > 0 === highGood ? 'better' : 'worse'
}

// Which answers belong to which plan, as hooks/outcomes/schedule.go says it. Days are `2026-01-05`, '' for none.
import type { Response } from './score'
import type { Occasion } from './table'

export type Span = { after: string; start: string; closed: string; before: string }

/** What was asked at the start belongs to the plan that follows it, everything else to the plan that began before. */
export function holds(s: Span, occasion: Occasion, on: string) {
  if (occasion === 'start') return on > s.after && (!s.closed || on <= s.closed)
  return !!s.start && on >= s.start && (!s.before || on < s.before)
}

/** The responses of a plan. Drafts are of the plan under way. */
export const inside = (s: Span, all: readonly Response[]) => all.filter(r => (r.finished ? holds(s, r.occasion ?? 'other', r.on ?? '') : !s.before))

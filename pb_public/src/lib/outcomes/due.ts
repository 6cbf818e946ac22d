// What is to be answered when, as hooks/outcomes/schedule.go says it. Days are `2026-01-05`, '' for none.
import { CALENDAR, type Calendar, type Occasion } from './table'
import type { Response } from './score'

export type Course = { state: string; start: string; reviewOn: string; closedOn: string }
export type DueState = 'not_yet' | 'due' | 'overdue' | 'done' | 'missed'
export type Due = { instrument: string; occasion: Occasion; months: number; from: string; until: string; state: DueState; draft: string; response: string }

type Slot = { occasion: Occasion; months: number; from: string; until: string; over: boolean; takes: (on: string) => boolean }

/** Every instrument of a plan's occasions, in their order. */
export function whatIsDue(plan: Course, answered: readonly Response[], today: string, calendar: Calendar = CALENDAR): Due[] {
  if (!plan.state || plan.state === 'voided') return []
  return slots(plan, calendar, today).flatMap(s => (calendar.ask[s.occasion] ?? []).map(instrument => due(s, instrument, answered, today)))
}

function slots(plan: Course, k: Calendar, today: string): Slot[] {
  const closed = plan.closedOn !== ''
  const once = (occasion: Occasion, from: string, days: number, over: boolean): Slot =>
    ({ occasion, months: 0, from, until: from && add(from, days), over, takes: () => true })
  const later = k.months.map((months): Slot => {
    const on = closed ? sameDay(plan.closedOn, months) : ''
    const from = on && add(on, -k.early)
    const until = on && add(on, k.late)
    return { occasion: 'followup', months, from, until, over: closed && today > until, takes: day => closed && from <= day && day <= until }
  })
  return [once('start', plan.start, k.startIn, closed), once('review', plan.reviewOn, k.reviewIn, closed), once('end', plan.closedOn, k.endIn, false), ...later]
}

function due(s: Slot, instrument: string, answered: readonly Response[], today: string): Due {
  const state = stateOf(s, today)
  const out: Due = { instrument, occasion: s.occasion, months: s.months, from: s.from, until: s.until, state, draft: '', response: '' }
  for (const r of answered) {
    if (r.instrument !== instrument || r.occasion !== s.occasion) continue
    if (r.finished && s.takes(r.on ?? '')) [out.response, out.state] = [r.id ?? '', 'done']
    else if (!r.finished && (s.occasion !== 'followup' || state === 'due')) out.draft = r.id ?? ''
  }
  if (out.state === 'done') out.draft = ''
  return out
}

function stateOf(s: Slot, today: string): DueState {
  if (s.over) return 'missed'
  if (!s.from || today < s.from) return 'not_yet'
  return today > s.until ? 'overdue' : 'due'
}

const iso = (t: number) => new Date(t).toISOString().slice(0, 10)
const add = (day: string, days: number) => iso(Date.parse(day) + days * 86_400_000)

/** The same day of the month so many months later; the last day of a month that is too short. */
function sameDay(day: string, months: number): string {
  const [y, m, d] = day.split('-').map(Number) as [number, number, number]
  const last = new Date(Date.UTC(y, m - 1 + months + 1, 0)).getUTCDate()
  return iso(Date.UTC(y, m - 1 + months, Math.min(d, last)))
}

// What a plan of care says to the person it is for. Its rules are the server's; here they are only read.
import { day as dayOf, instant } from '../lib/time'
import type { Goal, Plan, Visit } from '../lib/types'
import { dateOf } from './timeline'

const DAY = 86_400_000
const RUNS: readonly Plan['state'][] = ['active', 'paused', 'extended']
const TOLD: readonly Plan['state'][] = [...RUNS, 'completed', 'transitioned', 'discharged']

/** The plan to show: the one that runs, else the last that ran. */
export function planNow<P extends Pick<Plan, 'state' | 'start_date' | '_deleted'>>(plans: readonly P[]): P | undefined {
  const order = (p: P) => (RUNS.includes(p.state) ? '1' : '0') + p.start_date
  return plans.filter(p => !p._deleted && TOLD.includes(p.state)).sort((a, b) => order(b).localeCompare(order(a)))[0]
}

/** Week since the start, from 1 (spec/clinical.md §2.3, W); 0 before it. */
export const weekOf = (start: string, today = dayOf()) =>
  start && today >= start ? Math.floor(Math.round((dateOf(today).getTime() - dateOf(start).getTime()) / DAY) / 7) + 1 : 0

/** How many visits are agreed: six to ten, more after an extension. */
export const visitsAgreed = (plan: Pick<Plan, 'planned_visits' | 'extended_visits'>) => Math.max(plan.planned_visits || 0, plan.extended_visits || 0)

const LONG_GONE = 2 * 3_600_000

export const comingVisits = <V extends Pick<Visit, 'status' | 'scheduled_at' | '_deleted'>>(visits: readonly V[], now: number) =>
  visits
    .filter(v => !v._deleted && v.status === 'scheduled' && instant(v.scheduled_at) > now - LONG_GONE)
    .sort((a, b) => a.scheduled_at.localeCompare(b.scheduled_at))

export const nextVisit = <V extends Pick<Visit, 'status' | 'scheduled_at' | '_deleted'>>(visits: readonly V[], now: number): V | undefined => comingVisits(visits, now)[0]

/** How far a goal is: nothing is claimed from a number that is missing. */
export function reached({ baseline, target, value, direction }: Pick<Goal, 'baseline' | 'target' | 'value' | 'direction'>) {
  if (value === null || target === null) return null
  const there = direction === 'lower' ? value <= target : value >= target
  if (there) return 'there'
  if (baseline === null || value === baseline) return 'same'
  return (direction === 'lower') === value < baseline ? 'closer' : 'further'
}

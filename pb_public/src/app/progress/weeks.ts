// The weeks of the charts, from the rows on this phone: by the day rules of lib/diary, so that they can be seen with no signal.
import { dayAt, days, type Day } from '../../lib/diary/days'
import { lineOf, weekOf, type Week } from '../../lib/diary/weeks'
import type { Reader } from '../../lib/tables'
import { day as dayOf, daysBefore, instant, zone } from '../../lib/time'
import type { ExerciseLog, Flag, Goal, Num, Patient } from '../../lib/types'
import { viewBetween } from '../writes'
import { dateOf, entriesOf } from '../timeline'

export type Point = Week & { from: string; base: boolean }
/** `line` and `band`: where the four weeks before the plan lay; `goal`: days a week. */
export type Series = { points: Point[]; line: Num; band: [number, number] | null; goal: Num }
export const CHARTS = ['headache', 'acute', 'neck', 'exercise'] as const
export type Charts = Record<(typeof CHARTS)[number], Series>

const BASE = 4
const SHOWN = 16

const alive = <T extends { _deleted?: boolean }>(rows: T[]) => rows.filter(r => !r._deleted)

export async function chartsOf(read: Reader, now: number): Promise<Charts> {
  const [patients, goals, logs] = await Promise.all([read.patients.toArray(), read.goals.toArray(), read.exercise_logs.toArray()])
  const { starts, based } = weeksFrom((patients as (Patient & { baseline_date?: string })[])[0]?.baseline_date ?? '', now)
  const first = dateOf(starts[0]!)
  const view = await viewBetween(read, first, new Date(now))
  const known = days(entriesOf(view), 'leiden2023', starts[0]!, dayOf(now))
  const exercised = daysExercised(alive(logs))
  const goal = goalOf(alive(goals))
  const draw = (said: (d: Day) => Flag, target: Num = null) => series(starts, based, known, said, target)
  const necks = new Map(view.days.map(d => [d.day, d.neck_pain_nrs]))
  return {
    headache: draw(d => (d.recorded ? d.headache : null), goal),
    acute: draw(d => (d.recorded ? d.acute : null)),
    neck: draw(d => neckOnly(d, necks.get(d.day))),
    exercise: draw(d => (exercised.first && d.day >= exercised.first ? exercised.days.has(d.day) : null)),
  }
}

/** Weeks that are over, in step with the plan's first day; the four before it are where she began. Without one, the last ones. */
export function weeksFrom(anchor: string, now: number): { starts: string[]; based: (from: string) => boolean } {
  const today = dateOf(dayOf(now))
  const since = anchor ? Math.round((today.getTime() - dateOf(anchor).getTime()) / 86_400_000) : 0
  const ends = anchor && since >= 0 ? daysBefore(((since % 7) + 7) % 7, today) : today
  const begun = anchor && since >= 0 ? Math.floor(since / 7) + BASE : SHOWN
  const count = Math.min(Math.max(begun, BASE), SHOWN)
  const starts = Array.from({ length: count }, (_, i) => dayOf(daysBefore(7 * (count - i), ends)))
  return { starts, based: from => !!anchor && from < anchor && from >= dayOf(daysBefore(7 * BASE, dateOf(anchor))) }
}

function series(starts: readonly string[], based: (from: string) => boolean, known: readonly Day[], said: (d: Day) => Flag, goal: Num): Series {
  const at = new Map(known.map((d, i) => [d.day, i]))
  const points = starts.map((from): Point => {
    const i = at.get(from) ?? 0
    return { ...weekOf(known.slice(i, i + 7).map(said)), from, base: based(from) }
  })
  const base = points.filter(p => p.base)
  const line = lineOf(base)
  const values = base.flatMap(p => p.value ?? [])
  return { points, line, band: line === null ? null : [Math.min(...values), Math.max(...values)], goal }
}

/** Neck pain between attacks, as diary.Windows counts it: known where there was a headache, or none and the neck was asked. */
export function neckOnly(d: Pick<Day, 'recorded' | 'headache'>, neck: Num | undefined): Flag {
  if (!d.recorded) return null
  if (d.headache === true || neck === 0) return false
  return d.headache === null || neck == null ? null : true
}

export function daysExercised(logs: readonly Pick<ExerciseLog, 'done_at' | 'skipped' | 'tz'>[]) {
  const all = logs.map(l => ({ day: dayAt(instant(l.done_at), l.tz, zone()), done: !l.skipped }))
  return { first: all.map(l => l.day).sort()[0] ?? '', days: new Set(all.filter(l => l.done).map(l => l.day)) }
}

/** The goal for headache days, on a week. */
function goalOf(goals: readonly Goal[]): Num {
  const goal = goals.filter(g => g.metric === 'MHD28' && g.target !== null).sort((a, b) => b.due.localeCompare(a.due))[0]
  return goal ? goal.target! / 4 : null
}


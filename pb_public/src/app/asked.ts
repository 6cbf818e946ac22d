// What is asked of a person today, from the rows on this phone. The rules are lib/program's; here the rows are fetched.
import { days } from '../lib/diary/days'
import { regimen } from '../lib/program/rows'
import type { Reason } from '../lib/program/program'
import type { Store } from '../lib/store'
import { day, daysBefore, stamp, zone } from '../lib/time'
import type { Exercise, ExerciseVersion, SafetyAlert, SafetyCheck } from '../lib/types'
import { viewBetween } from './writes'
import { entriesOf } from './timeline'

type Read = Parameters<Parameters<Store['write']>[0]>[0]
export type Program = Awaited<ReturnType<typeof programOf>>
export type Asked = Program['asked'][number]

/** Home adherence looks back on so many days that have passed (hooks/program_view.go). */
const BACK = 28
/** A check that the clinic has not heard of yet counts as an alert for so long. */
const UNHEARD = 72 * 3_600_000

export async function programOf(read: Read, now: number) {
  const first = daysBefore(BACK, now)
  const [exercises, versions, logs, plans, reports, alerts, checks, view] = await Promise.all([
    read.exercises.toArray(), read.exercise_versions.toArray(), read.exercise_logs.toArray(), read.plans.toArray(), read.change_reports.toArray(),
    read.safety_alerts.toArray(), read.safety_checks.toArray(), viewBetween(read, first, new Date(now + 86_400_000)),
  ])
  const alive = <T extends { _deleted?: boolean }>(rows: T[]) => rows.filter(r => !r._deleted)
  const today = day(now)
  const headaches = days(entriesOf(view), 'leiden2023', day(first), today).filter(d => d.headache).map(d => d.day)
  const mine = regimen({
    exercises: alive(exercises), versions: alive(versions), logs: alive(logs), attacks: view.attacks, phases: view.phases, headaches,
    plans: alive(plans), reports: alive(reports), zone: zone(), today, alerts: open(alive(alerts), alive(checks), now),
  })
  const { shown, swapped } = mine.today()
  const row = (id: string) => exercises.find(e => e.id === id)!
  return {
    asked: shown.map(s => ({ ...s, exercise: row(s.item), changed: changeOf(versions, s.item, s.version) })).sort((a, b) => inOrder(a.exercise, b.exercise)),
    swapped: swapped.map(s => ({ reason: s.reason, exercise: row(s.item) })).sort((a, b) => a.exercise.name.localeCompare(b.exercise.name)),
    kept: mine.kept(day(first), day(daysBefore(1, now))),
    logs: alive(logs), plans,
  }
}

/** As the therapist has put them; what has no place comes after, by name. */
const inOrder = (a: Exercise, b: Exercise) => (a.position || Infinity) - (b.position || Infinity) || a.name.localeCompare(b.name)

/** Who changed the dose in force, and since when; nothing for the first one. */
function changeOf(versions: readonly ExerciseVersion[], exercise: string, version: number) {
  const v = version > 1 ? versions.find(v => v.exercise === exercise && v.version === version) : undefined
  return v?.changed_name ? { by: v.changed_name, from: v.from } : null
}

/** Levels of the alerts that nobody has closed, and of a check that the clinic has not heard of. */
export function open(alerts: readonly Pick<SafetyAlert, 'level' | 'about' | 'closed_at'>[], checks: readonly Pick<SafetyCheck, 'id' | 'shown' | 'asked_at'>[], now: number): string[] {
  const since = stamp(now - UNHEARD)
  const unheard = checks.filter(c => c.shown === 'emergency' && c.asked_at > since && !alerts.some(a => a.about === c.id))
  return [...alerts.filter(a => !a.closed_at).map(a => a.level), ...unheard.map(c => c.shown)]
}

export const isDone = (a: Pick<Asked, 'reasons'>) => a.reasons.includes('DAY_DONE')

/** How many are still to do today, of how many. */
export function count(program: Pick<Program, 'asked'>) {
  const left = program.asked.filter(a => a.due).length
  return { left, all: left + program.asked.filter(isDone).length }
}

/** Why exercises are left out today: the first that holds for any of them. */
export const swappedFor = (program: Pick<Program, 'swapped'>): Reason | undefined => program.swapped[0]?.reason

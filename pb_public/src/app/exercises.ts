// Which exercises are for today, and what is said of them. The program's own rules are the server's; this is the list of the
// prescribed rows, by their dates and by what was done this week.
import { day as dayOf, daysBefore, instant } from '../lib/time'
import type { Exercise, ExerciseLog } from '../lib/types'
import { isOpen, type View } from './diary'

/** `again`: done as often as this week asks. */
export type Due<E = Exercise> = { exercise: E; done: boolean; again: boolean; lastDone: string }

type Row = Pick<Exercise, 'id' | 'attack_ok' | 'per_week' | 'started_on' | 'stopped_on' | 'name' | '_deleted'>
type Log = Pick<ExerciseLog, 'exercise' | 'done_at' | 'sets_done' | 'minutes_done' | '_deleted'>

/** Zero sets and no minute: it says why it was not done. */
export const notDone = (log: Pick<ExerciseLog, 'sets_done' | 'minutes_done'>) => log.sets_done === 0 && !log.minutes_done

export function dueToday<E extends Row>(exercises: readonly E[], logs: readonly Log[], now: number, gentle: boolean): Due<E>[] {
  const today = dayOf(now)
  const monday = daysBefore((new Date(now).getDay() + 6) % 7, now).getTime()
  return exercises
    .filter(e => !e._deleted && (!e.started_on || e.started_on <= today) && (!e.stopped_on || e.stopped_on >= today) && (!gentle || e.attack_ok))
    .sort((a, b) => a.name.localeCompare(b.name))
    .map(exercise => {
      const times = logs.filter(l => !l._deleted && l.exercise === exercise.id && !notDone(l)).map(l => l.done_at).sort()
      const days = new Set(times.filter(t => instant(t) >= monday).map(t => dayOf(instant(t))))
      const done = days.has(today)
      return { exercise, done, again: done || (!!exercise.per_week && days.size >= exercise.per_week), lastDone: times.at(-1) ?? '' }
    })
}

/** With an attack open, or one that ended today, or a headache today, only what is gentle is asked; the day is excused. */
export function gentleDay(view: Pick<View, 'attacks' | 'days'>, now: number) {
  const today = dayOf(now)
  return view.attacks.some(a => isOpen(a) || (a.ended_at && dayOf(instant(a.ended_at)) === today) || dayOf(instant(a.started_at)) === today) || view.days.some(d => d.day === today && d.headache === true)
}

// --- the run: a pure function of when it began, how long it stood still, and now

export type Step = { kind: 'ready' | 'hold' | 'move' | 'rest' | 'go'; seconds: number; set: number; rep: number }

const READY = 5
const BETWEEN_REPS = 2
const BETWEEN_SETS = 30
const A_MOVE = 4

type Dose = Pick<Exercise, 'sets' | 'reps' | 'hold_seconds' | 'minutes'>

/** One step after the other; where time is the dose, one long one; where nothing is said, one without an end. */
export function steps({ sets, reps, hold_seconds, minutes }: Dose): Step[] {
  const ready: Step = { kind: 'ready', seconds: READY, set: 1, rep: 1 }
  if (minutes) return [ready, { kind: 'go', seconds: minutes * 60, set: 1, rep: 1 }]
  const [ofSets, ofReps] = [sets || 1, reps || 1]
  if (ofSets * ofReps === 1 && !hold_seconds) return [{ kind: 'go', seconds: Infinity, set: 1, rep: 1 }]
  const one: Pick<Step, 'kind' | 'seconds'> = hold_seconds ? { kind: 'hold', seconds: hold_seconds } : { kind: 'move', seconds: A_MOVE }
  const out = [ready]
  for (let set = 1; set <= ofSets; set++)
    for (let rep = 1; rep <= ofReps; rep++) {
      out.push({ ...one, set, rep })
      if (rep < ofReps) out.push({ kind: 'rest', seconds: BETWEEN_REPS, set, rep })
      else if (set < ofSets) out.push({ kind: 'rest', seconds: BETWEEN_SETS, set, rep })
    }
  return out
}

/** `paused` is when it was stopped for a while, `away` what it has stood still before; `skipped` what was left out, in seconds. */
export type Run = { exercise: string; started: number; paused: number | null; away: number; skipped: number }

export const elapsed = (run: Run, now: number) => Math.max(0, ((run.paused ?? now) - run.started - run.away) / 1000) + run.skipped

/** Where the run is; `left` are the seconds of this step, `done` what has been done of the dose. */
export function at(all: readonly Step[], seconds: number): { step: Step | null; left: number; index: number; done: { sets: number; reps: number; minutes: number } } {
  let passed = 0
  let reps = 0
  let sets = 0
  const minutes = Math.floor(Math.max(0, seconds - (all[0]?.kind === 'ready' ? READY : 0)) / 60)
  for (const [index, step] of all.entries()) {
    if (seconds < passed + step.seconds) return { step, left: passed + step.seconds - seconds, index, done: { sets, reps, minutes } }
    passed += step.seconds
    if (step.kind === 'hold' || step.kind === 'move' || step.kind === 'go') {
      reps = step.rep
      if (!all.some((s, i) => i > index && s.set === step.set && s.rep > step.rep)) sets = step.set
    }
  }
  return { step: null, left: 0, index: all.length, done: { sets, reps, minutes } }
}

/** What a run leaves behind in the log; null when it was too short to be anything. */
export function doneOf(dose: Dose, { sets, reps, minutes }: { sets: number; reps: number; minutes: number }): Partial<ExerciseLog> | null {
  const timed = steps(dose).some(s => s.kind === 'go')
  if (timed) return minutes ? { minutes_done: minutes } : null
  if (!sets && !reps) return null
  return { sets_done: sets || 1, reps_done: sets ? dose.reps : reps }
}

/** The seconds up to the end of the step that is on: what a skip adds. */
export const skip = (run: Run, all: readonly Step[], now: number): Run => {
  const { left } = at(all, elapsed(run, now))
  return { ...run, skipped: run.skipped + (Number.isFinite(left) ? left : 0) }
}
export const pause = (run: Run, now: number): Run => ({ ...run, paused: run.paused ?? now })
export const goOn = (run: Run, now: number): Run => (run.paused === null ? run : { ...run, paused: null, away: run.away + now - run.paused })

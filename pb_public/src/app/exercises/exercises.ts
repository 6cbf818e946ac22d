// A session with the timer: a pure function of when it began, how long it stood still, and now.
import type { Dose } from '../../lib/program/program'
import type { ExerciseLog } from '../../lib/types'

/** It says why it was not done. */
export const notDone = (log: Pick<ExerciseLog, 'skipped'>) => !!log.skipped

export type Step = { kind: 'ready' | 'hold' | 'move' | 'rest' | 'go'; seconds: number; set: number; rep: number }

const READY = 5
const BETWEEN_REPS = 2
const BETWEEN_SETS = 30
const A_MOVE = 4

/** One step after the other; where time is the dose, one long one; where nothing is said, one without an end. */
export function steps({ sets, reps, holdSeconds, minutes }: Dose): Step[] {
  const ready: Step = { kind: 'ready', seconds: READY, set: 1, rep: 1 }
  if (minutes) return [ready, { kind: 'go', seconds: minutes * 60, set: 1, rep: 1 }]
  const [ofSets, ofReps] = [sets || 1, reps || 1]
  if (ofSets * ofReps === 1 && !holdSeconds) return [{ kind: 'go', seconds: Infinity, set: 1, rep: 1 }]
  const one: Pick<Step, 'kind' | 'seconds'> = holdSeconds ? { kind: 'hold', seconds: holdSeconds } : { kind: 'move', seconds: A_MOVE }
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

export const elapsed = (run: Pick<Run, 'started' | 'paused' | 'away' | 'skipped'>, now: number) => Math.max(0, ((run.paused ?? now) - run.started - run.away) / 1000) + run.skipped

/** Seconds since the last step was over. After UNSEEN nobody saw it end: what was done is asked, not noted. */
export const overFor = (run: Run, all: readonly Step[], now: number) => elapsed(run, now) - all.reduce((sum, step) => sum + step.seconds, 0)
export const UNSEEN = 5 * 60

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
  return { sets_done: sets || 1, reps_done: sets ? (dose.reps ?? null) : reps }
}

/** The seconds up to the end of the step that is on: what a skip adds. */
export const skip = (run: Run, all: readonly Step[], now: number): Run => {
  const { left } = at(all, elapsed(run, now))
  return { ...run, skipped: run.skipped + (Number.isFinite(left) ? left : 0) }
}
export const pause = <R extends Run>(run: R, now: number): R => ({ ...run, paused: run.paused ?? now })
export const goOn = <R extends Run>(run: R, now: number): R => (run.paused === null ? run : { ...run, paused: null, away: run.away + now - run.paused })

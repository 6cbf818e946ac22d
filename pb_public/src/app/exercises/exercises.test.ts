import { expect, test } from 'vitest'
import { at, doneOf, elapsed, goOn, pause, skip, steps, type Run, overFor, UNSEEN } from './exercises'

const now = new Date(2026, 10, 19, 15).getTime() // a Thursday
const nods = steps({ sets: 2, reps: 3, holdSeconds: 10, minutes: null })
test('holds with rests between, a longer one between sets, none at the end', () => {
  expect(nods.map(s => `${s.kind}${s.seconds}`).join(' ')).toBe('ready5 hold10 rest2 hold10 rest2 hold10 rest30 hold10 rest2 hold10 rest2 hold10')
})
test.each([
  [0, 'ready', 5, 0, 0], [4.9, 'ready', 0.1, 0, 0], [5, 'hold', 10, 0, 0], [15, 'rest', 2, 0, 1], [39, 'rest', 30, 1, 3], [69, 'hold', 10, 1, 3], [79, 'rest', 2, 1, 1], [103, undefined, 0, 2, 3], [9999, undefined, 0, 2, 3],
])('after %s s: %s', (seconds, kind, left, sets, reps) => {
  const now = at(nods, seconds)
  expect([now.step?.kind, Math.round(now.left * 10) / 10, now.done.sets, now.done.reps]).toEqual([kind, left, sets, reps])
})
test('where time is the dose it is one step; where nothing is said it has no end', () => {
  expect(at(steps({ sets: null, reps: null, holdSeconds: null, minutes: 20 }), 5 + 61)).toMatchObject({ step: { kind: 'go' }, left: 1139, done: { minutes: 1, sets: 0 } })
  expect(at(steps({ sets: 1, reps: 1, holdSeconds: null, minutes: null }), 3600)).toMatchObject({ step: { kind: 'go' }, left: Infinity, done: { minutes: 60 } })
})
test('a run that stood still, was looked at never, and skipped on, is where the clock says', () => {
  let run: Run = { exercise: 'a', started: now, paused: null, away: 0, skipped: 0 }
  expect(elapsed(run, now + 7_000)).toBe(7)
  run = pause(run, now + 7_000)
  expect(elapsed(run, now + 3_600_000)).toBe(7)
  run = goOn(pause(run, now + 9_000), now + 60_000)
  expect(elapsed(run, now + 61_000)).toBe(8)
  run = skip(run, nods, now + 61_000) // 7 s of the first hold are left
  expect(at(nods, elapsed(run, now + 61_000)).step?.kind).toBe('rest')
  expect(goOn(run, now + 99_000)).toBe(run)
})

test('a run that nobody saw end is asked about after five minutes, one with an open end never', () => {
  const run: Run = { exercise: 'a', started: now, paused: null, away: 0, skipped: 0 }
  expect(overFor(run, nods, now + 102_000)).toBeLessThan(0)
  expect(overFor(run, nods, now + 110_000)).toBeLessThan(UNSEEN)
  expect(overFor(run, nods, now + 3_600_000)).toBeGreaterThan(UNSEEN)
  expect(overFor(run, steps({ sets: 1, reps: 1, holdSeconds: null, minutes: null }), now + 3_600_000)).toBe(-Infinity)
})
test.each([
  [{ sets: 2, reps: 3, holdSeconds: 10, minutes: null }, 3, null], [{ sets: 2, reps: 3, holdSeconds: 10, minutes: null }, 28, { sets_done: 1, reps_done: 2 }],
  [{ sets: 2, reps: 3, holdSeconds: 10, minutes: null }, 80, { sets_done: 1, reps_done: 3 }], [{ sets: 2, reps: 3, holdSeconds: 10, minutes: null }, 500, { sets_done: 2, reps_done: 3 }],
  [{ sets: null, reps: null, holdSeconds: null, minutes: 20 }, 40, null], [{ sets: null, reps: null, holdSeconds: null, minutes: 20 }, 700, { minutes_done: 11 }],
])('%o stopped after %i s leaves %o', (dose, seconds, said) => expect(doneOf(dose, at(steps(dose), seconds).done)).toEqual(said))

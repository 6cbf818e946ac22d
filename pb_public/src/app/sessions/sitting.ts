// The session that is running, kept by its times, so that it survives a reload. Its row is there from the start: a session that
// somebody walked away from stays `next` and counts for nothing.
import { elapsed, type Run } from '../exercises/exercises'

/** `exercise` is the page, `row` what it is noted in, `of` which guide or device. */
export type Sitting = Run & { row: string; of: string; minutes: number }

const SITTING = 'interictal-sitting'

export const sittingOf = (page: string): Sitting | null => {
  const sitting: Sitting | null = JSON.parse(localStorage.getItem(SITTING) ?? 'null')
  return sitting?.exercise === page ? sitting : null
}
export const keep = (sitting: Sitting | null) => (sitting ? localStorage.setItem(SITTING, JSON.stringify(sitting)) : localStorage.removeItem(SITTING))
export const sit = (page: string, row: string, of: string, minutes: number, now: number): Sitting => ({
  exercise: page, row, of, minutes, started: now, paused: null, away: 0, skipped: 0,
})

/** What was held, in whole minutes; under half a minute is no session. */
export const minutesOf = (sitting: Sitting, all: number, now: number) => Math.round(Math.min(elapsed(sitting, now), all) / 60)

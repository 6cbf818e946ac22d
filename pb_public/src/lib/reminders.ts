// Whether to remind now: the twin of hooks/reminders/reminders.go, for a phone that is open and reminds by itself. Its zone is the phone's.
import { day } from './time'

export type Kind = 'diary' | 'exercise' | 'effect'
export type Choices = { diary_at: string; exercise_at: string; effect: boolean; quiet_from: string; quiet_until: string }
/** Milliseconds; `last` 0: never. */
export type Facts = { due: number; last: number; attack: boolean; done: boolean }
export type Reason = 'SEND' | 'OFF' | 'NOT_YET' | 'LATE' | 'ALREADY' | 'ATTACK' | 'QUIET' | 'DONE'

const GRACE = 30 * 60_000

const minute = (clock: string) => (/^([01]\d|2[0-3]):[0-5]\d$/.test(clock) ? Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3)) : null)
const minuteOf = (at: number) => new Date(at).getHours() * 60 + new Date(at).getMinutes()
const chosen = (c: Choices, kind: Kind) => (kind === 'diary' ? c.diary_at : kind === 'exercise' ? c.exercise_at : '')

/** When the clock on the wall shows it, on the day of an instant; NaN: it is off. */
export function onDay(clock: string, at: number) {
  const m = minute(clock)
  if (m === null) return NaN
  const date = new Date(at)
  return new Date(date.getFullYear(), date.getMonth(), date.getDate(), 0, m).getTime()
}

/** The first moment after an instant; NaN: it is off. */
export function next(clock: string, after: number) {
  const today = onDay(clock, after)
  if (!(today <= after)) return today
  const date = new Date(after)
  return onDay(clock, new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1, 12).getTime())
}

export function quiet({ quiet_from, quiet_until }: Choices, at: number) {
  const [from, until, now] = [minute(quiet_from), minute(quiet_until), minuteOf(at)]
  if (from === null || until === null) return false
  return from <= until ? from <= now && now < until : now >= from || now < until
}

export function decide(c: Choices, kind: Kind, { due, last, attack, done }: Facts, now: number): Reason {
  if (kind === 'effect' ? !c.effect : minute(chosen(c, kind)) === null) return 'OFF'
  if (now < due) return 'NOT_YET'
  if (now - due >= GRACE) return 'LATE'
  if (last && (kind === 'effect' || day(last) === day(now))) return 'ALREADY'
  if (attack) return 'ATTACK'
  if (quiet(c, now)) return 'QUIET'
  return done ? 'DONE' : 'SEND'
}

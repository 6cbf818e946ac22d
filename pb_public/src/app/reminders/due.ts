// What she wanted to be reminded of and has not done: a line on Today, from the rows on this phone. With the app open but out of sight
// the phone shows the same fixed sentence that a push would; where pushes are on, the server does that.
import { day, daysBefore, instant } from '../../lib/time'
import { decide, onDay, type Kind } from '../../lib/reminders'
import type { Store } from '../../lib/store'
import type { Reminders } from '../../lib/types'
import { count, programOf } from '../asked'
import { isOpen, type View } from '../diary'
import type { Session } from '../session.svelte'
import { HALF_HOUR, toAsk, TWO_HOURS } from '../sessions/rows'
import { week } from '../timeline'
import { text } from './text'

type Read = Parameters<Parameters<Store['write']>[0]>[0]
export type Wait = { kind: Kind; due: number; attack: boolean; done: boolean }

/** Each kind that is on, with what is known of it now. */
export async function waits(read: Read, now: number): Promise<{ choices: Reminders; waits: Wait[] } | null> {
  const choices = (await read.reminders.toArray()).find(r => !r._deleted)
  if (!choices) return null
  const attacks = (await read.attacks.orderBy('started_at').reverse().limit(30).toArray()).filter(a => !a._deleted)
  const attack = attacks.some(isOpen)
  const out: Wait[] = []
  const add = (kind: Kind, due: number, done: boolean) => Number.isNaN(due) || out.push({ kind, due, attack, done })
  const today = day(now)
  if (choices.diary_at) {
    const noted = (await read.diary_days.where('day').equals(today).toArray()).some(d => !d._deleted && d.headache !== null)
    add('diary', onDay(choices.diary_at, now), noted || attacks.some(a => day(instant(a.started_at)) === today))
  }
  if (choices.exercise_at) add('exercise', onDay(choices.exercise_at, now), !count(await programOf(read, now)).left)
  if (choices.effect) add('effect', await effectDue(read, now), false)
  return { choices, waits: out }
}

/** When the newest effect that nobody has told could first be told; NaN: there is none. */
async function effectDue(read: Read, now: number) {
  const alive = <T extends { _deleted?: boolean }>(rows: T[]) => rows.filter(r => !r._deleted)
  const [cold, sessions, doses, drugs] = await Promise.all([
    read.modality_sessions.toArray(), read.neuromod_sessions.toArray(), read.medication_doses.orderBy('taken_at').reverse().limit(20).toArray(), read.medications.toArray(),
  ])
  const asked = toAsk(alive(cold), alive(sessions), now)
  const dose = alive(doses).find(d => d.worked === null && drugs.find(m => m.id === d.medication)?.indication !== 'preventive' && now - instant(d.taken_at) >= TWO_HOURS && instant(d.taken_at) > daysBefore(1, now).getTime())
  const times = [...(asked ? [asked.at + (asked.page === 'cold' ? HALF_HOUR : TWO_HOURS)] : []), ...(dose ? [instant(dose.taken_at) + TWO_HOURS] : [])]
  return times.length ? Math.max(...times) : NaN
}

type Found = NonNullable<Awaited<ReturnType<typeof waits>>>

/** What the lines say, until it is done: a line is no call, so that one long due or in quiet hours is said too. An effect has a line of its own (sessions/Asks). */
export const lines = (found: Found | null, now: number) => (found?.waits ?? []).filter(w => w.kind !== 'effect' && now >= w.due && !w.attack && !w.done).map(w => w.kind)

/** What is called out now, with when each kind last was: a day has one call, and so has each effect. */
export const toShow = ({ choices, waits }: Found, last: Shown, now: number) =>
  waits.filter(w => decide(choices, w.kind, { ...w, last: (w.kind === 'effect' && last.effect! < w.due ? 0 : last[w.kind]) ?? 0 }, now) === 'SEND')

/** The day before, where nobody has said anything of it: asked in the morning of the next, and left in peace after noon. A diary that only began has no such day. */
export function unsaid(view: View, now: number) {
  const day = week(view, now).at(-2)!
  const before = view.days.some(d => d.day < day.day) || view.attacks.some(a => instant(a.started_at) < day.at.getTime())
  return day.mark === 'none' && before && new Date(now).getHours() < 12 ? day.day : ''
}

// --- out of sight

const SHOWN = 'interictal-reminded'
type Shown = Partial<Record<Kind, number>>
const shown = (): Shown => JSON.parse(localStorage.getItem(SHOWN) ?? '{}')

let watched: Session | undefined
let clock: ReturnType<typeof setInterval>

/** From the first look at Today on, as long as the app is open. */
export function keepWatch(session: Session, pushed: () => boolean) {
  if (watched === session) return
  watched = session
  clearInterval(clock)
  clock = setInterval(() => look(session, pushed).catch(() => clearInterval(clock)), 30_000) // the store is closed: signed out
}

async function look(session: Session, pushed: () => boolean) {
  if (!document.hidden || pushed() || globalThis.Notification?.permission !== 'granted') return
  const now = Date.now()
  await new Promise<void>(done => {
    const stop = session.store.watch(read => waits(read, now), async found => {
      setTimeout(() => stop())
      const last = shown()
      const go = found ? toShow(found, last, now) : []
      if (go.length) {
        localStorage.setItem(SHOWN, JSON.stringify({ ...last, ...Object.fromEntries(go.map(w => [w.kind, now])) }))
        const registration = await navigator.serviceWorker?.getRegistration()
        await registration?.showNotification(text.push.title, { body: text.push.body, tag: 'reminder', icon: '/app/icon-192.png', silent: true })
      }
      done()
    })
  })
}

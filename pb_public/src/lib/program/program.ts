import type { Num } from '../types'

/**
 * The home program for a phone without signal: what is asked for today, and how much was done. The Go room hooks/program says
 * what the rules are and where they come from (`go doc interictal/hooks/program`); here is only what it takes to give the same
 * answers. Both read hooks/program/testdata/vectors.json. When a dose moves is the server's to propose.
 */
export type Dose = { sets?: Num; reps?: Num; holdSeconds?: Num; minutes?: Num; load?: Num; perDay?: Num; perWeek?: Num }

export type Version = {
  number: number
  from: string
  dose: Dose
  weekdays?: readonly number[] // 0 is Sunday; none: any day
  confirmed: boolean
  started?: string
  stopped?: string // last day
}
export type Item = { id: string; attackOk: boolean; versions: readonly Version[] }

/** A session, or why there was none. */
export type Log = { day: string; skipped?: string }

export type Mark = 'attack' | 'postdrome' | 'illness' | 'pause'
export type Calendar = Readonly<Record<string, Mark>>

export type Person = {
  today: string
  marks?: Calendar
  paused?: boolean
  pausedIll?: boolean
  adaptedUntil?: string
  back?: string // day of return after the last illness
  alerts?: readonly string[] // levels of open red-flag alerts, as far as this phone knows
}

export type Reason = 'ATTACK_DAY' | 'POSTDROME_DAY' | 'RED_FLAG_OPEN' | 'PAUSED' | 'ADAPTED' | 'RETURNING' | 'DAY_OFF' | 'WEEK_DONE' | 'DAY_DONE' | 'AS_NEEDED'
export type Shown = { item: string; version: number; dose: Dose; halved: boolean; due: boolean; done: number; reasons: Reason[] }
export type Swapped = { item: string; reason: Reason }
export type Kept = { prescribed: number; done: number; excused: number }

const SESSIONS_HALVED = 3
const DAY = 86_400_000
const NUMBER = new Map<string, number>()

/** Days as numbers, so that weeks can be counted. */
function number(day: string) {
  let n = NUMBER.get(day)
  if (n === undefined) NUMBER.set(day, (n = Date.parse(`${day}T00:00:00Z`) / DAY))
  return n
}
export const dayText = (n: number) => new Date(n * DAY).toISOString().slice(0, 10)
const later = (day: string, n: number) => dayText(number(day) + n)
const weekday = (day: string) => new Date(number(day) * DAY).getUTCDay()
const max = (a: string, b: string | undefined) => (b && b > a ? b : a)
const min = (a: string, b: string | undefined) => (b && b < a ? b : a)

const first = (v: Version) => max(v.from, v.started)
const perDay = (d: Dose) => Math.max(1, Math.trunc(d.perDay ?? 0))

/** The version in force on a day; none when it was not prescribed then. */
export function on(item: Item, day: string): Version | undefined {
  const v = item.versions.findLast(v => v.from <= day)
  return v && v.confirmed && day >= first(v) && (!v.stopped || day <= v.stopped) ? v : undefined
}

const doneOn = (logs: readonly Log[], from: string, to = from) => logs.filter(l => !l.skipped && from <= l.day && l.day <= to).length

/** The program of one day; logs are by item. */
export function today(items: readonly Item[], logs: Readonly<Record<string, readonly Log[]>>, p: Person): { shown: Shown[]; swapped: Swapped[] } {
  const shown: Shown[] = [], swapped: Swapped[] = []
  for (const item of items) {
    const v = on(item, p.today)
    if (!v) continue
    const why = leavesOut(item, p)
    if (why) swapped.push({ item: item.id, reason: why })
    else shown.push(show(item, v, logs[item.id] ?? [], p))
  }
  return { shown, swapped }
}

function leavesOut(item: Item, p: Person): Reason | undefined {
  if (p.alerts?.includes('emergency')) return 'RED_FLAG_OPEN'
  if (item.attackOk) return undefined
  const mark = p.marks?.[p.today]
  return mark === 'attack' ? 'ATTACK_DAY' : mark === 'postdrome' ? 'POSTDROME_DAY' : undefined
}

function show(item: Item, v: Version, logs: readonly Log[], p: Person): Shown {
  const reasons: Reason[] = []
  const say = (is: boolean, why: Reason) => (is && reasons.push(why), is)
  const done = doneOn(logs, p.today)
  const adapted = say(!!p.adaptedUntil && p.today <= p.adaptedUntil, 'ADAPTED')
  const returning = say(!!p.back && p.today >= p.back && doneOn(logs, p.back, p.today) < SESSIONS_HALVED, 'RETURNING')
  const paused = say(!!p.paused, 'PAUSED')
  const halved = adapted || returning || (paused && !!p.pausedIll)
  const fixed = !!v.weekdays?.length
  const off = say(fixed && !v.weekdays!.includes(weekday(p.today)), 'DAY_OFF')
  const perWeek = v.dose.perWeek ?? 0
  const full = say(!fixed && perWeek > 0 && daysDone(logs, week(v, p.today), p.today) >= Math.trunc(perWeek), 'WEEK_DONE')
  const enough = say(done >= perDay(v.dose), 'DAY_DONE')
  const free = say(!fixed && perWeek <= 0, 'AS_NEEDED')
  return { item: item.id, version: v.number, dose: halved ? half(v.dose) : v.dose, halved, due: !(paused || off || full || enough || free), done, reasons }
}

/** Half of one variable, up to the next whole one. */
export function half(dose: Dose): Dose {
  const by = (['minutes', 'reps', 'holdSeconds', 'sets', 'load'] as const).find(v => (dose[v] ?? 0) > 0)
  return by ? { ...dose, [by]: Math.ceil(dose[by]! / 2) } : dose
}

const daysDone = (logs: readonly Log[], from: string, to: string) =>
  new Set(logs.filter(l => !l.skipped && from <= l.day && l.day <= to).map(l => l.day)).size

/** The first day of the version's week that holds a day. */
const week = (v: Version, day: string) => later(first(v), Math.trunc((number(day) - number(first(v))) / 7) * 7)

/** Sessions done of those prescribed from … to, both included. Callers end at yesterday. */
export function adherence(item: Item, logs: readonly Log[], marks: Calendar, from: string, to: string): Kept {
  const sum = { prescribed: 0, done: 0, excused: 0 }
  item.versions.forEach((v, i) => {
    if (!v.confirmed) return
    const until = item.versions.slice(i + 1).reduce((last, next) => min(last, later(next.from, -1)), v.stopped || to)
    const last = min(until, to)
    for (let day = max(first(v), from); day <= last; ) {
      const end = min(later(week(v, day), 6), last)
      const k = kept(v, logs, marks, day, end)
      sum.prescribed += k.prescribed
      sum.done += k.done
      sum.excused += k.excused
      day = later(end, 1)
    }
  })
  return sum
}

/** Within one week of a version, or a part of it. */
function kept(v: Version, logs: readonly Log[], marks: Calendar, from: string, to: string): Kept {
  const each = perDay(v.dose)
  const fixed = !!v.weekdays?.length
  let done = 0, excused = 0, due = 0
  for (let day = from; day <= to; day = later(day, 1)) {
    const sessions = Math.min(doneOn(logs, day), each)
    done += sessions
    if (fixed && !v.weekdays!.includes(weekday(day))) continue
    due += each
    if (marks[day] || logs.some(l => l.day === day && (l.skipped === 'attack' || l.skipped === 'illness'))) excused += each - sessions
  }
  const days = number(to) - number(from) + 1
  const prescribed = fixed ? due : Math.trunc((Math.trunc(v.dose.perWeek ?? 0) * days) / 7) * each
  done = Math.min(done, prescribed)
  return { prescribed, done, excused: Math.min(prescribed - done, excused) }
}

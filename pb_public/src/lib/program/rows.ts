import { dayAt } from '../diary/days'
import { adherence, dayText, today, type Item, type Kept, type Log, type Mark, type Person } from './program'
import type { Attack, ChangeReport, Exercise, ExerciseLog, ExerciseVersion, Phase, Plan } from '../types'
import { instant } from '../time'

/** The store's rows as the program's rules want them. What the phone does not hold (who has an open alert) comes from the caller. */
export type Rows = {
  exercises: readonly Exercise[]
  versions: readonly ExerciseVersion[]
  logs: readonly ExerciseLog[]
  attacks: readonly Pick<Attack, 'started_at' | 'ended_at' | 'tz'>[]
  phases: readonly Pick<Phase, 'phase' | 'from' | 'until'>[]
  /** Days with a headache by lib/diary. */
  headaches: readonly string[]
  plans: readonly Plan[]
  reports: readonly Pick<ChangeReport, 'reason' | 'happened_on'>[]
  zone: string
  today: string
  alerts?: readonly string[]
}

const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const OPEN = ['active', 'paused', 'extended']
/** An attack without an end may still go on for so long; after that the diary asks. */
const STILL_ON = 72 * 3_600_000

export function regimen(rows: Rows) {
  const logs: Record<string, Log[]> = {}
  for (const l of rows.logs) (logs[l.exercise] ??= []).push({ day: dayAt(instant(l.done_at), l.tz, rows.zone), skipped: l.skipped })
  const items = rows.exercises.map(e => itemOf(e, rows.versions))
  const person = personOf(rows)
  return {
    items, logs, person,
    today: () => today(items, logs, person),
    kept: (from: string, to: string) => items.reduce<Kept>((sum, item) => plus(sum, adherence(item, logs[item.id] ?? [], person.marks!, from, to)), { prescribed: 0, done: 0, excused: 0 }),
  }
}

const plus = (a: Kept, b: Kept): Kept => ({ prescribed: a.prescribed + b.prescribed, done: a.done + b.done, excused: a.excused + b.excused })

function itemOf(e: Exercise, versions: readonly ExerciseVersion[]): Item {
  const own = versions.filter(v => v.exercise === e.id).sort((a, b) => a.version - b.version)
  return {
    id: e.id, attackOk: e.attack_ok,
    versions: own.map(v => ({ number: v.version, from: v.from, dose: v.dose ?? {}, weekdays: v.weekdays.map(d => WEEKDAYS.indexOf(d)), confirmed: v.confirmed, started: v.started_on, stopped: v.stopped_on })),
  }
}

function personOf(rows: Rows): Person {
  const marks: Record<string, Mark> = {}
  const mark = (m: Mark, from: string, to: string, over = true) => {
    for (let n = Date.parse(`${from}T00:00:00Z`); from && n <= Date.parse(`${to}T00:00:00Z`); n += 86_400_000) {
      const day = dayText(n / 86_400_000)
      if (over ? marks[day] !== 'attack' : !marks[day]) marks[day] = m
    }
  }
  const person: Person = { today: rows.today, marks, alerts: rows.alerts }
  const ill = (from: string, last: string) => {
    mark('illness', from, last)
    const back = dayText(Date.parse(`${last}T00:00:00Z`) / 86_400_000 + 1)
    if (back <= rows.today && back > (person.back ?? '')) person.back = back
  }
  for (const plan of rows.plans) {
    if (OPEN.includes(plan.state) && plan.adapted_until > (person.adaptedUntil ?? '')) person.adaptedUntil = plan.adapted_until
    for (const pause of plan.pauses ?? []) {
      if (!pause.resume && !OPEN.includes(plan.state)) continue
      const last = pause.resume ? dayText(Date.parse(`${pause.resume}T00:00:00Z`) / 86_400_000 - 1) : rows.today
      const sick = pause.reason === 'illness'
      if (pause.start <= rows.today && rows.today <= last) {
        person.paused = true
        person.pausedIll ||= sick
      }
      if (sick) ill(pause.start, last)
      else mark('pause', pause.start, last)
    }
  }
  for (const r of rows.reports) {
    if (r.reason === 'illness') ill(r.happened_on, r.happened_on > (person.adaptedUntil ?? '') ? r.happened_on : person.adaptedUntil!)
  }
  for (const day of rows.headaches) mark('attack', day, day)
  for (const a of rows.attacks) {
    const start = instant(a.started_at)
    const end = dayAt(a.ended_at ? instant(a.ended_at) : start + STILL_ON, a.tz, rows.zone)
    mark('attack', dayAt(start, a.tz, rows.zone), end < rows.today ? end : rows.today)
  }
  for (const p of rows.phases) {
    if (p.phase === 'hangover') mark('postdrome', dayAt(instant(p.from), '', rows.zone), dayAt(instant(p.until || p.from), '', rows.zone), false)
  }
  return person
}

// The days of a month by the rules of the diary, and what is late about an entry.
import { days, isAcuteDrug } from '../lib/diary/days'
import { day, daysBefore, instant, stamp, zone } from '../lib/time'
import { isOpen, type View } from './diary'

export type Mark = 'none' | 'clear' | 'headache' | 'strong' | 'unknown'
export type DayMark = { day: string; at: Date; mark: Mark; medicine: boolean }

const HALF_HOUR = 30 * 60_000
const DAY = 86_400_000

/** The days from … on by the rules of the diary, oldest first. */
export function marks(view: View, from: Date, count: number, now: number): DayMark[] {
  const dates = Array.from({ length: count }, (_, i) => daysBefore(-i, from))
  // whoever has an attack open has a headache, from the first minute
  const attacks = view.attacks.map(a => (isOpen(a) ? { ...a, ended_at: stamp(Math.max(now, instant(a.started_at) + HALF_HOUR)) } : a))
  const judged = days({ ...entriesOf(view), attacks }, 'leiden2023', day(dates[0]), day(dates.at(-1)))
  return dates.map((at, i) => {
    const { recorded, headache, acute } = judged[i]!
    const mark = !recorded ? 'none' : headache === null ? 'unknown' : !headache ? 'clear' : peak(view, at) >= 4 ? 'strong' : 'headache'
    return { day: day(at), at, mark, medicine: acute === true }
  })
}

/** The diary as its rules read it. */
export const entriesOf = (view: View) =>
  ({ zone: zone(), checkIns: view.days, attacks: view.attacks, readings: view.readings, doses: view.doses.map(d => ({ ...d, ...kindOf(view, d.medication) })) })

/** The last seven days. */
export const week = (view: View, now: number) => marks(view, daysBefore(6, now), 7, now)

/** A dose against a headache that day says yes to headache medicine; nobody is asked again. */
export const dosed = (view: View, date: string) =>
  view.doses.some(d => day(instant(d.taken_at)) === date && isAcuteDrug(kindOf(view, d.medication)))

function kindOf({ medications }: View, id: string) {
  const medication = medications.find(m => m.id === id)
  return { drug_class: medication?.drug_class, indication: medication?.indication }
}

/** The worst number said for that day; 4 and more is moderate or severe. */
function peak({ days, readings, attacks }: View, at: Date) {
  const date = day(at)
  const scores = readings.filter(r => day(instant(r.at)) === date).map(r => r.nrs)
  const began = attacks.filter(a => day(instant(a.started_at)) === date).map(a => a.peak_nrs ?? 0)
  return Math.max(days.find(d => d.day === date)?.worst_pain_nrs ?? 0, ...scores, ...began)
}

// --- months

/** `2026-11`, moved by so many months. */
export function monthBy(month: string, count: number) {
  const [year, number] = month.split('-').map(Number)
  return day(new Date(year!, number! - 1 + count, 1)).slice(0, 7)
}
export const firstOf = (month: string) => dateOf(`${month}-01`)

/** Midnight where this phone is. */
export function dateOf(date: string) {
  const [year, month, number] = date.split('-').map(Number)
  return new Date(year!, month! - 1, number!)
}

/** Weeks from Monday to Sunday; null before the first of the month and after its last. */
export function weeksOf(month: string): (Date | null)[][] {
  const first = firstOf(month)
  const lead = (first.getDay() + 6) % 7
  const length = Math.round((firstOf(monthBy(month, 1)).getTime() - first.getTime()) / DAY) // a month may be an hour longer
  const cells = Array.from({ length: 7 * Math.ceil((lead + length) / 7) }, (_, i) => (i < lead || i >= lead + length ? null : daysBefore(lead - i, first)))
  return Array.from({ length: cells.length / 7 }, (_, i) => cells.slice(7 * i, 7 * i + 7))
}

/** Days between what happened and when it was written down, by this phone's calendar; 0 when nobody knows. */
export function late(entered: string, happened: number | Date) {
  if (!entered) return 0
  const [wrote, was] = [dateOf(day(instant(entered))), dateOf(day(happened))]
  return Math.max(0, Math.round((wrote.getTime() - was.getTime()) / DAY))
}

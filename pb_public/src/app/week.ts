import { days, isAcuteDrug } from '../lib/diary/days'
import { day, daysBefore, instant, stamp, zone } from '../lib/time'
import { isOpen, type View } from './diary'

export type Mark = 'none' | 'clear' | 'headache' | 'strong' | 'unknown'
export type DayMark = { day: string; at: Date; mark: Mark }

const HALF_HOUR = 30 * 60_000

/** The last seven days by the rules of the diary, oldest first. */
export function week(view: View, now: number): DayMark[] {
  const dates = [6, 5, 4, 3, 2, 1, 0].map(n => daysBefore(n, now))
  // whoever has an attack open has a headache, from the first minute
  const attacks = view.attacks.map(a => (isOpen(a) ? { ...a, ended_at: stamp(Math.max(now, instant(a.started_at) + HALF_HOUR)) } : a))
  const doses = view.doses.map(d => ({ ...d, ...kindOf(view, d.medication) }))
  const judged = days({ zone: zone(), checkIns: view.days, attacks, readings: view.readings, doses }, 'leiden2023', day(dates[0]), day(dates[6]))
  return dates.map((at, i) => {
    const { recorded, headache } = judged[i]!
    const mark = !recorded ? 'none' : headache === null ? 'unknown' : !headache ? 'clear' : peak(view, at) >= 4 ? 'strong' : 'headache'
    return { day: day(at), at, mark }
  })
}

/** A dose against a headache that day says yes to headache medicine; nobody is asked again. */
export const dosed = (view: View, date: string) =>
  view.doses.some(d => day(instant(d.taken_at)) === date && isAcuteDrug(kindOf(view, d.medication)))

function kindOf({ medications }: View, id: string) {
  const medication = medications.find(m => m.id === id)
  return { drug_class: medication?.drug_class, indication: medication?.indication }
}

/** The worst number said for that day; 4 and more is moderate or severe. */
function peak({ days, readings }: View, at: Date) {
  const scores = readings.filter(r => day(instant(r.at)) === day(at)).map(r => r.nrs)
  return Math.max(days.find(d => d.day === day(at))?.worst_pain_nrs ?? 0, ...scores)
}

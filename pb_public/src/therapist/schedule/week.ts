import type { Scheduled } from '../../lib/visits'
import { wallClock } from '../visit/when'

export type Slot = Scheduled & { day: string; wall: string; name: string; who: string }
export type Row = { wall: string; days: Slot[][] }

/** A week as rows of times, each with its visits by day, as the clinic's clock shows them. Times that nobody has are left out. */
export function rowsOf(visits: Slot[], days: string[]): Row[] {
  const walls = [...new Set(visits.map(v => v.wall))].sort()
  return walls.map(wall => ({ wall, days: days.map(day => visits.filter(v => v.wall === wall && v.day === day)) }))
}

export function slotsOf(visits: Scheduled[], names: Map<string, string>, staff: Map<string, string>, zone: string): Slot[] {
  return visits.map(v => {
    const [day, wall] = wallClock(Date.parse(v.at.replace(' ', 'T')), zone).split('T') as [string, string]
    return { ...v, day, wall, name: names.get(v.patient) ?? '', who: staff.get(v.practitioner) ?? '' }
  })
}

/** The Monday of a day's week. */
export function monday(day: string) {
  const at = new Date(`${day}T00:00:00Z`)
  return new Date(at.getTime() - ((at.getUTCDay() + 6) % 7) * 86_400_000).toISOString().slice(0, 10)
}

export const shift = (day: string, by: number) => new Date(Date.parse(`${day}T00:00:00Z`) + by * 86_400_000).toISOString().slice(0, 10)

/** What may become of a visit from the schedule (spec/clinical.md §2.4); the server has the last word. */
export const STEPS: Record<string, string[]> = {
  scheduled: ['cancelled_patient', 'late_cancelled', 'cancelled_clinic', 'no_show'],
  checked_in: ['cancelled_patient', 'cancelled_clinic'],
  cancelled_patient: ['scheduled', 'late_cancelled'],
  cancelled_clinic: ['scheduled'],
  late_cancelled: ['cancelled_patient'],
  no_show: ['late_cancelled'],
}

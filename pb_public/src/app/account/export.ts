// The diary as files, made on the phone.
import { day, instant } from '../../lib/time'
import type { Attack, DiaryDay, Dose, Medication, Reading } from '../../lib/types'
import { FEATURES } from '../features'

type Cell = string | number | boolean | null | undefined

/** RFC 4180; and what a spreadsheet would take for a formula is text. */
export const csv = (rows: readonly (readonly Cell[])[]) => '\uFEFF' + rows.map(row => row.map(cell).join(',')).join('\r\n') + '\r\n'

function cell(value: Cell) {
  if (value === null || value === undefined) return ''
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return String(value)
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

const local = (stamp: string) => {
  if (!stamp) return ''
  const at = new Date(instant(stamp))
  return `${day(at)} ${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`
}

/** What the check-in asks while it is tracked. */
const ASKED = [
  ['sleep_hours', 'sleep hours'], ['sleep_quality', 'sleep quality 0-10'], ['stress', 'stress 0-10'], ['meals_skipped', 'meals skipped'], ['water_glasses', 'glasses of water'],
  ['caffeine_servings', 'cups with caffeine'], ['alcohol_units', 'drinks with alcohol'], ['exercise_minutes', 'minutes of exercise'], ['wellbeing', 'well-being 0-10'],
] as const satisfies readonly (readonly [keyof DiaryDay, string])[]

export const daysCsv = (days: readonly DiaryDay[]) =>
  csv([
    ['day', 'headache', 'worst pain 0-10', 'headache medicine', 'neck pain 0-10', ...ASKED.map(([, name]) => name), 'note'],
    ...[...days].sort((a, b) => a.day.localeCompare(b.day)).map(d => [d.day, d.headache, d.worst_pain_nrs, d.acute_medicine, d.neck_pain_nrs, ...ASKED.map(([field]) => d[field]), d.note]),
  ])

export const attacksCsv = (attacks: readonly Attack[], readings: readonly Reading[], doses: readonly Dose[], medications: readonly Medication[]) =>
  csv([
    ['start', 'end', 'end known', 'worst pain 0-10', 'doses', ...FEATURES, 'where', 'note'],
    ...[...attacks].sort((a, b) => a.started_at.localeCompare(b.started_at)).map(a => [
      local(a.started_at), local(a.ended_at), a.end_known, worst(a, readings), taken(a, doses, medications), ...FEATURES.map(f => a[f]), a.places ?? '', a.note,
    ]),
  ])

export function worst(attack: Attack, readings: readonly Reading[]) {
  const said = [attack.peak_nrs, ...readings.filter(r => r.attack === attack.id).map(r => r.nrs)].filter(nrs => nrs !== null)
  return said.length ? Math.max(...said) : null
}

const taken = (attack: Attack, doses: readonly Dose[], medications: readonly Medication[]) =>
  doses.filter(d => d.attack === attack.id).map(d => `${medications.find(m => m.id === d.medication)?.name ?? '?'} ${local(d.taken_at)}`).join('; ')

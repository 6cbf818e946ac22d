import { expect, test } from 'vitest'
import { day, daysBefore, stamp } from '../lib/time'
import type { Attack, DiaryDay, Dose, Medication, Reading } from '../lib/types'
import { NOTHING, type View } from './diary'
import { firstOf, late, monthBy, week, weeksOf } from './timeline'

const now = new Date(2026, 10, 22, 15).getTime()
const ago = (days: number) => daysBefore(days, now)
const checkIn = (days: number, said: Partial<DiaryDay>) => ({ id: `d${days}`, day: day(ago(days)), ...said }) as DiaryDay
const attack = (days: number, from: number, hours: number | null) => {
  const start = ago(days).getTime() + from * 3_600_000
  return { id: `a${days}`, started_at: stamp(start), ended_at: hours === null ? '' : stamp(start + hours * 3_600_000), end_known: hours === null ? '' : 'exact', peak_nrs: null } as Attack
}
const marks = (view: Partial<View>) => week({ ...NOTHING, ...view }, now).map(d => d.mark)

test('a day nobody wrote about is none, not clear', () => {
  expect(marks({ days: [checkIn(1, { headache: false }), checkIn(2, { headache: null })] })).toEqual(['none', 'none', 'none', 'none', 'none', 'clear', 'none'])
})
test('an attack marks its day, and from 4 of 10 strongly', () => {
  const reading = { attack: 'a2', at: stamp(ago(2).getTime() + 9 * 3_600_000), nrs: 4 } as Reading
  expect(marks({ attacks: [attack(2, 8, 3), attack(4, 8, 3)], readings: [reading] }).slice(2, 5)).toEqual(['headache', 'none', 'strong'])
})
test('an attack still open is a headache at once, also on a day that was called clear', () => {
  expect(marks({ attacks: [attack(0, 14.9, null)], days: [checkIn(0, { headache: false })] })[6]).toBe('headache')
})
test('an attack whose end nobody knows leaves its day open', () => {
  expect(marks({ attacks: [{ ...attack(1, 8, null), end_known: 'unknown' }] })[5]).toBe('unknown')
})
test('the worst number of the attack itself counts on the day it began', () => {
  expect(marks({ attacks: [{ ...attack(1, 8, 3), peak_nrs: 8 }] })[5]).toBe('strong')
})
test('a dose marks its day with medicine, a day without an answer is not without', () => {
  const view = { ...NOTHING, days: [checkIn(1, { headache: true })], doses: [{ medication: 'm', taken_at: stamp(ago(1).getTime() + 9 * 3_600_000) } as Dose], medications: [{ id: 'm', drug_class: 'triptan', indication: 'acute' } as Medication] }
  expect(week(view, now).map(d => d.medicine)).toEqual([false, false, false, false, false, true, false])
})
test('a month in weeks from Monday, also where February has four, and over a change of the clocks', () => {
  expect(weeksOf('2026-11').map(w => w.map(d => d?.getDate() ?? 0))).toEqual([
    [0, 0, 0, 0, 0, 0, 1], [2, 3, 4, 5, 6, 7, 8], [9, 10, 11, 12, 13, 14, 15], [16, 17, 18, 19, 20, 21, 22], [23, 24, 25, 26, 27, 28, 29], [30, 0, 0, 0, 0, 0, 0],
  ])
  expect(weeksOf('2027-02')).toHaveLength(4)
  for (const month of ['2026-03', '2026-10', '2028-02']) expect(weeksOf(month).flat().filter(Boolean).at(-1)).toEqual(daysBefore(1, firstOf(monthBy(month, 1))))
})
test('months turn over the year', () => {
  expect([monthBy('2026-12', 1), monthBy('2026-01', -1), monthBy('2026-11', -24)]).toEqual(['2027-01', '2025-12', '2024-11'])
})
test('late counts calendar days, not hours', () => {
  expect(late(stamp(new Date(2026, 10, 22, 0, 5)), new Date(2026, 10, 21, 23, 55))).toBe(1)
  expect(late(stamp(new Date(2026, 10, 22, 23)), new Date(2026, 10, 22, 1))).toBe(0)
  expect(late('', new Date())).toBe(0)
})

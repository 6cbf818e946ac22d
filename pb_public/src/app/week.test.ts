import { expect, test } from 'vitest'
import { day, daysBefore, stamp } from '../lib/time'
import type { Attack, DiaryDay, Reading } from '../lib/types'
import { NOTHING, type View } from './diary'
import { week } from './week'

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

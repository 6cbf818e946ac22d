import { expect, test } from 'vitest'
import type { Scheduled } from '../../lib/visits'
import { monday, rowsOf, shift, slotsOf } from './week'

const visit = (id: string, at: string) => ({ id, at, patient: 'a', practitioner: 'w', kind: 'treatment', mode: 'video', status: 'scheduled', note: true }) as Scheduled

test('a week begins on Monday', () => {
  expect(monday('2026-01-05')).toBe('2026-01-05')
  expect(monday('2026-01-11')).toBe('2026-01-05')
  expect(shift('2026-01-05', -7)).toBe('2025-12-29')
})
test('ten at the clinic stays ten when the clocks change', () => {
  const slots = slotsOf([visit('1', '2026-03-06 15:00:00.000Z'), visit('2', '2026-03-09 14:00:00.000Z')], new Map([['a', 'Ada']]), new Map([['w', 'Amira']]), 'America/New_York')
  expect(slots.map(s => [s.day, s.wall, s.name, s.who])).toEqual([['2026-03-06', '10:00', 'Ada', 'Amira'], ['2026-03-09', '10:00', 'Ada', 'Amira']])
  expect(rowsOf(slots, ['2026-03-06', '2026-03-09'])).toMatchObject([{ wall: '10:00', days: [[{ id: '1' }], [{ id: '2' }]] }])
})

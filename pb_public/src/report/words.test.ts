import { expect, test } from 'vitest'
import { day, missing, number, place, shortDay, signed } from './words'

test('numbers have one decimal where they need one, and a sign that is no hyphen', () => {
  expect([7, 14.56, 0.04, 9.96].map(number)).toEqual(['7', '14.6', '0', '10'])
  expect([-7.56, 0.7, 0].map(signed)).toEqual(['−7.6', '+0.7', '0'])
})

test('a day is written as the server writes it, whatever the zone of the reader', () => {
  expect(day('2026-01-05')).toBe('5 Jan 2026')
  expect(day('2026-12-31 23:30:00.000Z')).toBe('31 Dec 2026')
  expect(shortDay('2026-01-05')).toBe('5 Jan')
  expect(day('')).toBe('')
})

test('why a number is missing has a word', () => {
  expect(missing({ value: null, days: 9, reason: 'NOT_ENOUGH_DAYS' })).toBe('not enough days')
  expect(missing({ value: null, days: 28, reason: 'NO_HEADACHE_DAYS' })).toBe('no headache days')
  expect(missing({ value: null, days: 0, reason: 'SOMETHING_NEW' })).toBe('not enough days')
})

test('a day has its place on the axis, and stays on it', () => {
  expect(place('2026-01-05', '2026-01-05', 84)).toBe(0)
  expect(place('2026-02-16', '2026-01-05', 84)).toBe(0.5)
  expect(place('2025-01-01', '2026-01-05', 84)).toBe(0)
  expect(place('2027-01-01', '2026-01-05', 84)).toBe(1)
})

import { expect, test } from 'vitest'
import { told, type Answer } from './progress'

const rate = (value: number | null, days: number) => ({ value, days })
const answer = (low: number | null, high: number | null, now = 'T1'): Answer => ({
  windows: [
    { window: 'B1', from: '2026-09-27', to: '2026-10-24', mhd28: rate(14.56, 25), acuteDays28: null },
    { window: 'T1', from: '2026-10-25', to: '2026-11-21', mhd28: rate(7, 28), interictalNeckDays28: rate(null, 3) },
  ],
  responder: { base: 'B1', now },
  numbers: { headacheDays: { now: { window: 'T1', difference: { low, high } } } },
})

test.each([
  [-14, -1, 'fewer'], [-14, 0.7, 'unsure'], [-3, 0, 'unsure'], [0.1, 8, 'more'], [null, null, ''],
])('a difference of %s to %s is told as %s', (low, high, change) => expect(told(answer(low, high))?.change).toBe(change))

test('each number has its days; what is missing stays missing', () => {
  const { from, to, lines } = told(answer(-14, 1))!
  expect([from, to]).toEqual(['2026-10-25', '2026-11-21'])
  expect(lines.find(l => l.name === 'mhd28')).toEqual({ name: 'mhd28', before: rate(14.56, 25), now: rate(7, 28) })
  expect(lines.find(l => l.name === 'acuteDays28')).toEqual({ name: 'acuteDays28', before: null, now: null })
  expect(lines.find(l => l.name === 'interictalNeckDays28')?.now).toEqual(rate(null, 3))
})

test('nothing is told before four weeks of a plan have passed', () => expect(told(answer(null, null, ''))).toBe(null))

import { expect, test } from 'vitest'
import { heldIn, levelOf, told, type Answer } from './told'

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

test.each([[0, 'none'], [0.5, 'fine'], [3.9, 'fine'], [4, 'fair'], [6, 'fair'], [6.1, 'low'], [null, null]])('%s days with medium or strong pain: %s', (days, want) => expect(levelOf(days)).toBe(want))

test('a window with too few days has no level, and one without the number is left out', () => {
  const windows = [{ window: 'B1', from: '2026-01-05', to: '2026-02-01', modSevere28: rate(null, 3) }, { window: 'T1', from: '2026-02-02', to: '2026-03-01', modSevere28: rate(4, 20) }, { window: 'T2', from: '2026-03-02', to: '2026-03-29' }]
  expect(heldIn(windows).map(h => [h.from, h.level])).toEqual([['2026-01-05', null], ['2026-02-02', 'fair']])
})

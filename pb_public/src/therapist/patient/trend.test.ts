import { expect, test } from 'vitest'
import { trendOf } from './trend'

const change = (size: number, noise: boolean, reached = false) => {
  const worth = { size, noise, source: 'somebody 2011' }
  return { by: 1, way: '', verdict: '', reads: '', reason: '', source: '', reached: reached ? worth : null, next: reached ? null : worth }
}
const point = (on: string, value: number | null, c: ReturnType<typeof change> | null = null) => ({ id: on, on, value, reason: '', finding: '', change: c })

test('one value, or none that is a number, is no trend', () => {
  expect(trendOf([], 100, 40)).toBeNull()
  expect(trendOf([point('2026-01-05', 210), point('2026-02-02', null, change(47, true))], 100, 40)).toBeNull()
})

test('values lie by their day, the band round the first one is as wide as the server says', () => {
  const t = trendOf([point('2026-01-05', 200), point('2026-01-15', 210, change(40, true)), point('2026-02-04', 250, change(50, true, true))], 60, 100)!
  expect(t.dots.map(d => [d.x, d.y])).toEqual([[0, 50], [20, 40], [60, 0]])
  expect([t.noise, t.top, t.bottom, t.source]).toEqual([50, 0, 100, 'somebody 2011'])
})

test('without a published error there is no band', () => {
  const t = trendOf([point('2026-01-05', 1), point('2026-01-15', 3, change(2, false))], 10, 10)!
  expect([t.noise, t.top, t.bottom, t.source]).toEqual([0, 10, 10, ''])
})

test('two of one day, and no change at all, stay in the box', () => {
  const t = trendOf([point('2026-01-05', 5), point('2026-01-05', 5)], 10, 10)!
  expect(t.dots.map(d => [d.x, d.y])).toEqual([[0, 5], [0, 5]])
})

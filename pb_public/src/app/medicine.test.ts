import { expect, test } from 'vitest'
import type { Use } from '../lib/medication/use'
import { nearest } from './medicine'

const use = (drugClass: string, days: number, limit: number | null): Use => ({ drugClass, days, limit, code: '' })

test('the line on the first screen is of the class that is nearest to its limit', () => {
  expect(nearest({ byClass: [use('triptan', 6, 10), use('simple_analgesic', 10, 15), use('gepant', 30, null)] })?.drugClass).toBe('simple_analgesic')
  expect(nearest({ byClass: [use('triptan', 0, 10), use('gepant', 3, null)] })).toBe(undefined)
})

import { expect, test } from 'vitest'
import type { Use } from '../lib/medication/use'
import type { Dose, Medication } from '../lib/types'
import { effectDue, leaveInPeace, nearest } from './medicine'

const use = (drugClass: string, days: number, limit: number | null): Use => ({ drugClass, days, limit, code: '' })

test('the line on the first screen is of the class that is nearest to its limit', () => {
  expect(nearest({ byClass: [use('triptan', 6, 10), use('simple_analgesic', 10, 15), use('gepant', 30, null)] })?.drugClass).toBe('simple_analgesic')
  expect(nearest({ byClass: [use('triptan', 0, 10), use('gepant', 3, null)] })).toBe(undefined)
})

const kept = new Map<string, string>()
Object.assign(globalThis, { localStorage: { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => void kept.set(k, v) } })

test('two hours after a dose one is asked, for a day, and once', () => {
  const now = Date.parse('2026-03-02T12:00:00Z')
  const dose = (hours: number, said: Partial<Dose> = {}) => ({ id: `d${hours}`, medication: 'acute', taken_at: new Date(now - hours * 3_600_000).toISOString(), worked: null, ...said }) as Dose
  const medications = [{ id: 'acute', indication: 'acute' }, { id: 'daily', indication: 'preventive' }] as Medication[]
  const due = (...doses: Dose[]) => effectDue({ doses, medications }, now)?.id
  expect([due(dose(1.9)), due(dose(2)), due(dose(23)), due(dose(24))]).toEqual([undefined, 'd2', 'd23', undefined])
  expect([due(dose(3, { worked: false })), due(dose(3, { pain_2h: 0 })), due(dose(3, { medication: 'daily' }))]).toEqual([undefined, undefined, undefined])
  expect(due(dose(1), dose(4), dose(8))).toBe('d4')
  leaveInPeace('d4')
  expect(due(dose(1), dose(4), dose(8))).toBe('d8')
})

import { expect, test } from 'vitest'
import { NOTHING, type View } from '../diary'
import { unsaid } from './due'

const morning = new Date(2026, 0, 20, 8).getTime()
const day = (date: string, headache: boolean | null = false) => ({ id: date, day: date, tz: 'UTC', headache, worst_pain_nrs: null, acute_medicine: null, neck_pain_nrs: null }) as View['days'][number]
const view = (...days: View['days']): View => ({ ...NOTHING, days })

test('in the morning the day before is asked for, once it is missing', () => {
  expect(unsaid(view(day('2026-01-18')), morning)).toBe('2026-01-19')
  expect(unsaid(view(day('2026-01-18'), day('2026-01-19')), morning)).toBe('')
})
test('after noon it is left in peace', () => expect(unsaid(view(day('2026-01-18')), new Date(2026, 0, 20, 12).getTime())).toBe(''))
test('a diary that began today has no day before', () => expect([unsaid(view(), morning), unsaid(view(day('2026-01-20')), morning)]).toEqual(['', '']))

import { expect, test } from 'vitest'
import { NOTHING, type View } from '../diary'
import { lines, toShow, unsaid, type Wait } from './due'

const morning = new Date(2026, 0, 20, 8).getTime()
const day = (date: string, headache: boolean | null = false) => ({ id: date, day: date, tz: 'UTC', headache, worst_pain_nrs: null, acute_medicine: null, neck_pain_nrs: null }) as View['days'][number]
const view = (...days: View['days']): View => ({ ...NOTHING, days })

test('in the morning the day before is asked for, once it is missing', () => {
  expect(unsaid(view(day('2026-01-18')), morning)).toBe('2026-01-19')
  expect(unsaid(view(day('2026-01-18'), day('2026-01-19')), morning)).toBe('')
})
test('after noon it is left in peace', () => expect(unsaid(view(day('2026-01-18')), new Date(2026, 0, 20, 12).getTime())).toBe(''))
test('a diary that began today has no day before', () => expect([unsaid(view(), morning), unsaid(view(day('2026-01-20')), morning)]).toEqual(['', '']))

const choices = { diary_at: '08:00', exercise_at: '', effect: true, quiet_from: '22:00', quiet_until: '07:00' } as Parameters<typeof toShow>[0]['choices']
const found = (wait: Partial<Wait> & Pick<Wait, 'kind' | 'due'>) => ({ choices, waits: [{ attack: false, done: false, ...wait }] })
const evening = new Date(2026, 0, 20, 20).getTime()

test('the line stays until it is done, however late, and is not there in an attack', () => {
  const diary = { kind: 'diary', due: morning } as const
  expect([lines(found(diary), evening), lines(found({ ...diary, done: true }), evening), lines(found({ ...diary, attack: true }), evening)]).toEqual([['diary'], [], []])
})

test('each dose is reminded of once, and the next one again', () => {
  const [first, second] = [morning, evening]
  const shown = (due: number, last: number, now = due) => toShow(found({ kind: 'effect', due }), { effect: last }, now).length
  expect([shown(first, 0), shown(first, first, first + 60_000), shown(second, first)]).toEqual([1, 0, 1])
})

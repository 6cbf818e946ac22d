import { expect, test } from 'vitest'
import { count, open, swappedFor, type Asked } from './asked'

const now = Date.UTC(2026, 10, 19, 15)
const check = (id: string, more = {}) => ({ id, shown: 'emergency' as const, asked_at: '2026-11-19 14:00:00.000Z', ...more })
const alert = (about: string, closed_at = '') => ({ level: 'emergency' as const, about, closed_at })

test.each([
  ['nothing', [], [], []],
  ['an alert that nobody has closed', [alert('a')], [], ['emergency']],
  ['closed by a clinician', [alert('a', '2026-11-19 14:30:00.000Z')], [], []],
  ['a check that the clinic has not heard of', [], [check('a')], ['emergency']],
  ['the same check, heard and open: once', [alert('a')], [check('a')], ['emergency']],
  ['the same check, heard and closed', [alert('a', '2026-11-19 14:30:00.000Z')], [check('a')], []],
  ['a check that came to less', [], [check('a', { shown: 'urgent' })], []],
  ['a check of four days ago', [], [check('a', { asked_at: '2026-11-15 14:00:00.000Z' })], []],
])('%s', (_, alerts, checks, levels) => expect(open(alerts, checks, now)).toEqual(levels))

const asked = (due: boolean, ...reasons: Asked['reasons']) => ({ due, reasons }) as Asked

test('what is to do today: done counts, a day off and a full week do not', () => {
  expect(count({ asked: [asked(true), asked(false, 'DAY_DONE'), asked(false, 'DAY_OFF'), asked(false, 'WEEK_DONE'), asked(false, 'AS_NEEDED')] })).toEqual({ left: 1, all: 2 })
  expect(count({ asked: [] })).toEqual({ left: 0, all: 0 })
})
test('nothing left out has no reason', () => expect(swappedFor({ swapped: [] })).toBe(undefined))

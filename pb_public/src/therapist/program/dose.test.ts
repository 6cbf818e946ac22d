import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { inOrder, moved, sentence, sessionMinutes, total } from './dose'
import { text } from './text'

test('a dose reads as a sentence', () => {
  expect(sentence({ sets: 2, reps: 10, hold_seconds: 10, per_week: 5 })).toBe('2 sets of 10, hold 10 s, 5 days a week')
  expect(sentence({ minutes: 20, per_week: 7 })).toBe('20 min, every day')
  expect(sentence({ reps: 1, per_day: 2, weekdays: ['mon', 'fri'] })).toBe('1 time, twice a day, on Mon, Fri')
  expect(sentence({ minutes: 10 })).toBe('10 min, as needed')
})

test('how long a program takes', () => {
  expect(sessionMinutes({ sets: 2, reps: 10, hold_seconds: 6 })).toBeCloseTo((2 * (60 + 18) + 30) / 60)
  expect(total([{ minutes: 20, per_week: 3 }, { minutes: 5, per_week: 7, per_day: 2 }, { minutes: 15 }])).toEqual({ day: 30, week: 130 })
  expect(total([])).toEqual({ day: 0, week: 0 })
})

test('order and moves', () => {
  const rows = inOrder([{ id: 'c', name: 'Curl' }, { id: 'a', name: 'Arm', position: 2 }, { id: 'b', name: 'Bow' }, { id: 'd', name: 'Dip', position: 1 }])
  expect(rows.map(r => r.id)).toEqual(['d', 'a', 'b', 'c'])
  expect(moved(rows, 'a', -1)).toEqual([{ id: 'a', position: 1 }, { id: 'd', position: 2 }, { id: 'b', position: 3 }, { id: 'c', position: 4 }])
  expect(moved(rows, 'd', -1)).toEqual([])
  expect(moved(rows, 'c', 1)).toEqual([])
})

// Every code and reason that the doors and the room of the program can give.
const hooks = join(import.meta.dirname, '../../../../hooks')
const files = (dir: string, pattern: RegExp) => readdirSync(join(hooks, dir)).filter(f => pattern.test(f) && !f.endsWith('_test.go')).map(f => readFileSync(join(hooks, dir, f), 'utf8')).join('\n')
const found = (source: string, pattern: RegExp) => [...new Set([...source.matchAll(pattern)].map(m => m[1]!))]
const codes = [...found(files('.', /^program.*\.go$/), /"(E_[A-Z0-9_]+)"/g), ...found(files('safety', /^(devices|manipulation)\.go$/), /"(E_[A-Z0-9_]+)"/g)].filter(c => !['E_JSON', 'E_DAY', 'E_KEPT'].includes(c))

test.each(codes)('%s has a source, a step that solves it and a place', code => {
  const [source, fix, at] = text.conflicts.rules[code] ?? []
  expect(source, code).toMatch(/^\d/)
  expect(fix).toBeTruthy()
  expect(at).toBeTruthy()
})

test('every reason of a proposal has words', () => {
  const reasons = found(files('program', /^(progression|attacks)\.go$/), /Reason = "([A-Z0-9_]+)"/g)
  expect(reasons.length).toBeGreaterThan(10)
  expect(reasons.filter(r => !text.proposals.reasons[r])).toEqual([])
})

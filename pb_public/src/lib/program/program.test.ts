import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { adherence, today, type Calendar, type Dose, type Item, type Kept, type Person, type Shown, type Swapped } from './program'

// The table that hooks/program's own tests read: one table, two readers.
type Vectors = {
  today: (Partial<Person> & { name: string; logs?: Record<string, string[]>; expect: Partial<Shown>[]; swapped: Swapped[] })[]
  adherence: { name: string; dose: Dose; weekdays?: number[]; marks?: Calendar; sessions: string[]; skipped?: Record<string, string>; from: string; to: string; kept: Kept }[]
}
const vectors: Vectors = JSON.parse(readFileSync(new URL('../../../../hooks/program/testdata/vectors.json', import.meta.url), 'utf8'))

const item = (id: string, dose: Dose, more: Partial<Item['versions'][0]> = {}, attackOk = false): Item =>
  ({ id, attackOk, versions: [{ number: 1, from: '2026-01-05', dose, confirmed: true, ...more }] })

const ITEMS = [
  item('nods', { sets: 2, reps: 10, perDay: 2, perWeek: 7 }),
  item('walk', { minutes: 20, perWeek: 3 }),
  item('breathing', { minutes: 10, perWeek: 7 }, {}, true),
  item('draft', { reps: 5, perWeek: 7 }, { confirmed: false }, true),
]

describe('the phone shows the program that the server shows', () => {
  test.each(vectors.today)('$name', c => {
    const logs = Object.fromEntries(Object.entries(c.logs ?? {}).map(([id, days]) => [id, days.map(day => ({ day }))]))
    const { shown, swapped } = today(ITEMS, logs, { ...c, today: '2026-01-14' })
    expect(shown.map(({ version: _, done: __, ...rest }) => rest)).toEqual(c.expect.map(({ version: _, done: __, ...rest }) => rest))
    expect(swapped).toEqual(c.swapped)
  })
})

describe('and counts what was done as the server does', () => {
  test.each(vectors.adherence)('$name', c => {
    const logs = [...c.sessions.map(day => ({ day })), ...Object.entries(c.skipped ?? {}).map(([day, skipped]) => ({ day, skipped }))]
    expect(adherence(item('nods', c.dose, { weekdays: c.weekdays }), logs, c.marks ?? {}, c.from, c.to)).toEqual(c.kept)
  })
})

test('there are cases to agree on', () => {
  expect(vectors.today.length + vectors.adherence.length).toBeGreaterThan(15)
})

test('a change of the dose begins a week of its own', () => {
  const changed: Item = { ...ITEMS[1]!, versions: [...ITEMS[1]!.versions, { number: 2, from: '2026-01-12', dose: { minutes: 22, perWeek: 7 }, confirmed: true }] }
  expect(adherence(changed, [], {}, '2026-01-05', '2026-01-18')).toEqual({ prescribed: 10, done: 0, excused: 0 })
  expect(today([changed], {}, { today: '2026-01-11' }).shown[0]).toMatchObject({ version: 1, dose: { minutes: 20 } })
  expect(today([changed], {}, { today: '2026-01-12' }).shown[0]).toMatchObject({ version: 2, dose: { minutes: 22 } })
})

test('a cold pack is there as needed, a walk on its weekdays', () => {
  const items = [item('cold', { minutes: 20 }, {}, true), item('walk', { minutes: 20, perWeek: 2 }, { weekdays: [1, 5] })]
  expect(today(items, {}, { today: '2026-01-06' }).shown.map(s => [s.due, s.reasons])).toEqual([[false, ['AS_NEEDED']], [false, ['DAY_OFF']]])
  expect(today(items, {}, { today: '2026-01-05' }).shown[1]).toMatchObject({ due: true, reasons: [] })
})

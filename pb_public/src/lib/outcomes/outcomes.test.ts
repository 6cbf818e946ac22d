import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { compare } from './change'
import { whatIsDue, type Course, type Due } from './due'
import { series } from './series'
import { score, type Response, type Status } from './score'
import { find, INSTRUMENTS } from './table'

// The table that hooks/outcomes' own tests read: one table, two readers.
type Vectors = {
  score: (Response & { name: string; draft?: boolean; want: { status: Status; codes?: string[]; missing?: string[]; scores?: Record<string, object> } })[]
  change: { name: string; instrument: string; scale: string; before: number | null; after: number | null; want: { verdict: string; way: string; atLeast?: number; lessThan?: number } }[]
  series: { name: string; responses: Response[]; want: { id: string; baseline?: string; verdict?: string; reason?: string }[] }[]
  due: { name: string; plan: Course; today: string; answered: Response[]; want: Due[] }[]
}
const vectors: Vectors = JSON.parse(readFileSync(new URL('../../../../hooks/outcomes/testdata/vectors.json', import.meta.url), 'utf8'))

describe('the phone scores as the server does', () => {
  test.each(vectors.score)('$name', ({ want, draft, ...response }) => {
    const got = score({ ...response, finished: !draft })
    expect([got.status, [...new Set(got.broken.map(b => b.code))]]).toEqual([want.status, want.codes ?? []])
    if (want.missing) expect(got.missing).toEqual(want.missing)
    for (const [scale, expected] of Object.entries(want.scores ?? {})) expect(got.scores.find(s => s.scale === scale)).toMatchObject(expected)
    for (const s of got.scores) expect(s.value === null, s.scale).toBe(!!s.reason)
  })
})

describe('the phone weighs a change as the server does', () => {
  test.each(vectors.change)('$name', ({ instrument, scale, before, after, want }) => {
    const got = compare(find(instrument)!.scales.find(s => s.id === scale)!, before, after)
    expect({ verdict: got.verdict, way: got.way }).toEqual({ verdict: want.verdict, way: want.way })
    if (want.atLeast) expect(got.reached?.size).toBe(want.atLeast)
    if (want.lessThan) expect(got.next?.size).toBe(want.lessThan)
  })
})

describe('the phone knows what is due', () => {
  test.each(vectors.due)('$name', ({ plan, today, answered, want }) => {
    const got = whatIsDue(plan, answered, today)
    for (const one of want) expect(got).toContainEqual(one)
    if (!want.length) expect(got).toEqual([])
  })
})

describe('the phone compares a row as the server does', () => {
  test.each(vectors.series)('$name', ({ responses, want }) => {
    const got = series(responses).map(({ id, changes: [c] }) => (c ? { id, baseline: c.baseline, verdict: c.verdict, reason: c.reason } : { id }))
    expect(got).toEqual(want)
  })
})

test('there are cases to agree on', () => {
  expect(vectors.score.length).toBeGreaterThan(90)
  expect(vectors.change.length).toBeGreaterThan(25)
})

test('only what ships carries words', () => {
  for (const it of INSTRUMENTS) for (const item of it.items) if (it.rights !== 'ships') expect(item.text, `${it.id} ${item.id}`).toBeUndefined()
})

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { compare } from './change'
import { whatIsDue, type Course, type Due } from './due'
import { impactOf, type Activity, type Line } from './impact'
import { series } from './series'
import { score, type Response, type Status } from './score'
import { holds, type Span } from './span'
import { find, INSTRUMENTS, type Occasion } from './table'

// The table that hooks/outcomes' own tests read: one table, two readers.
type Vectors = {
  score: (Response & { name: string; draft?: boolean; want: { status: Status; codes?: string[]; missing?: string[]; scores?: Record<string, object> } })[]
  change: { name: string; instrument: string; scale: string; before: number | null; after: number | null; want: { verdict: string; way: string; atLeast?: number; lessThan?: number } }[]
  series: { name: string; responses: Response[]; want: { id: string; baseline?: string; verdict?: string; reason?: string }[] }[]
  impact: { name: string; responses: Response[]; want: Record<'work' | 'home' | 'social' | 'selfCare', [number | null, string, string][]> & { activities: Activity[] } }[]
  holds: { span: Span; occasion: Occasion; on: string; want: boolean }[]
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

describe('the phone says what migraine takes as the server does', () => {
  const told = (lines: Line[]) => lines.map(l => [l.value, l.on, l.reason])
  test.each(vectors.impact)('$name', ({ responses, want }) => {
    const { work, home, social, selfCare, activities } = impactOf(responses)
    expect({ work: told(work), home: told(home), social: told(social), selfCare: told(selfCare), activities }).toEqual(want)
  })
})

test.each(vectors.holds)('$occasion on $on: $want', ({ span, occasion, on, want }) => expect(holds(span, occasion, on)).toBe(want))

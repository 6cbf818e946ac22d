import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { days, type Day, type DayProfile, type Entries } from './days'

// The table that hooks/diary's own tests read: one table, two readers.
type Case = Partial<Entries> & {
  name: string
  zone: string
  profile?: DayProfile
  expect: Record<string, Partial<Day> & Record<string, unknown>>
}
const cases: Case[] = JSON.parse(readFileSync(new URL('../../../../hooks/diary/testdata/days.json', import.meta.url), 'utf8'))

const entries = (c: Partial<Entries>): Entries =>
  ({ zone: 'UTC', checkIns: [], attacks: [], readings: [], doses: [], ...c })

const told = ({ recorded, headache, migraine, acute, clear }: Partial<Day>) => ({ recorded, headache, migraine, acute, clear })

describe('the phone gives each day the answer the server gives', () => {
  test.each(cases)('$name', c => {
    const expected = Object.keys(c.expect).sort()
    const judged = days(entries(c), c.profile ?? 'leiden2023', expected[0]!, expected.at(-1)!)
    expect(judged.map(d => d.day)).toEqual(expected)
    for (const d of judged) {
      const want = Object.fromEntries(Object.entries(told(c.expect[d.day]!)).filter(([, value]) => value !== undefined))
      expect(told(d), d.day).toMatchObject(want)
    }
  })
})

test('there are cases to agree on', () => {
  expect(cases.length).toBeGreaterThan(40)
})

test('the order of the entries does not matter', () => {
  for (const c of cases) {
    const e = entries(c)
    const turned = { ...e, checkIns: e.checkIns.toReversed(), attacks: e.attacks.toReversed(), readings: e.readings.toReversed(), doses: e.doses.toReversed() }
    const range = ['2026-01-01', '2026-01-31'] as const
    expect(days(turned, 'leiden2023', ...range)).toEqual(days(e, 'leiden2023', ...range))
  }
})

test('a zone this phone has never heard of counts as not said', () => {
  const dose = { taken_at: '2026-01-05T03:30:00Z', tz: 'Mars/Olympus', drug_class: 'triptan' as const }
  const [evening] = days(entries({ zone: 'America/New_York', doses: [dose] }), 'leiden2023', '2026-01-04', '2026-01-04')
  expect(evening?.acute).toBe(true)
})

test('an entry without a readable time is left out, not guessed', () => {
  const broken = entries({ attacks: [{ id: 'a', started_at: '' }], doses: [{ taken_at: '' }], readings: [{ attack: 'a', at: '', nrs: 5 }] })
  expect(days(broken, 'leiden2023', '2026-01-05', '2026-01-05')).toEqual([
    { day: '2026-01-05', recorded: false, headache: null, migraine: null, acute: null, clear: null },
  ])
})

test('a year of days, through both clock changes', () => {
  const checkIns = Array.from({ length: 365 }, (_, i) => ({ day: new Date(Date.UTC(2026, 0, 1 + i)).toISOString().slice(0, 10), headache: i % 3 === 0 }))
  const attacks = checkIns.filter((_, i) => i % 6 === 0).map((c, i) => ({ id: `a${i}`, started_at: `${c.day}T20:00:00Z`, ended_at: `${c.day}T23:00:00Z` }))
  const year = days(entries({ zone: 'America/New_York', checkIns, attacks }), 'leiden2023', '2026-01-01', '2026-12-31')
  expect(year).toHaveLength(365)
  expect(year.filter(d => d.headache)).toHaveLength(122)
})

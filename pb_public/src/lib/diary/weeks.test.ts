import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Flag } from '../types'
import { lineOf, weekOf } from './weeks'

type Cases = { weeks: { name: string; days: string; recorded: number; headacheDays: number; value: number | null }[]; lines: { name: string; base: string[]; line: number | null }[] }
const cases: Cases = JSON.parse(readFileSync(new URL('../../../../hooks/progress/testdata/weeks.json', import.meta.url), 'utf8'))
const said = (days: string): Flag[] => [...days].map(d => (d === 'h' ? true : d === '.' ? false : null))

test.each(cases.weeks)('$name', ({ days, recorded, headacheDays, value }) => {
  const week = weekOf(said(days))
  expect([week.noted, week.days]).toEqual([recorded, headacheDays])
  if (value === null) expect(week.value).toBeNull()
  else expect(week.value).toBeCloseTo(value, 9)
})
test.each(cases.lines)('the line: $name', ({ base, line }) => expect(lineOf(base.map(b => weekOf(said(b))))).toBe(line))

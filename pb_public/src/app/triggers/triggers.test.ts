import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { PlannedTest, Trigger } from '../../lib/types'
import { ANSWERS } from '../daily'
import { text } from './text'
import { drawn, endOf, isNumber, OFFERED, TESTABLE, testOf, track, weeks } from './triggers'

const from = (name: string) => JSON.parse(readFileSync(new URL(`../../../../hooks/triggers/testdata/${name}.json`, import.meta.url), 'utf8'))
type Entry = { code: string; kind: 'yes_no' | 'number'; plannedTest: boolean; answer: string }
const catalogue: Entry[] = from('catalogue')
const offered: string[] = Object.values(OFFERED).flat()

test('what is offered is the server’s catalogue, but for the weather and the period', () => {
  expect([...offered].sort()).toEqual(catalogue.map(e => e.code).filter(c => !c.startsWith('weather_') && c !== 'menstrual_window').sort())
  expect(catalogue.filter(e => offered.includes(e.code)).filter(e => isNumber(e.code) !== (e.kind === 'number'))).toEqual([])
  expect(catalogue.filter(e => e.plannedTest).map(e => e.code).sort()).toEqual([...TESTABLE].sort())
  expect(Object.fromEntries(catalogue.filter(e => e.answer).map(e => [e.code, e.answer]))).toEqual(ANSWERS)
  expect(catalogue.filter(e => !text.factors[e.code])).toEqual([])
})

type Vector = { name: string; unit: PlannedTest['unit']; start: string; withFirst: boolean[]; end: string; on: Record<string, boolean | null> }
test.each((from('planned') as Vector[]).map(v => [v.name, v] as const))('drawn: %s', (_, v) => {
  const test = { unit: v.unit, start: v.start, with_first: v.withFirst }
  expect(endOf(test)).toBe(v.end)
  expect(Object.fromEntries(Object.keys(v.on).map(day => [day, drawn(test, day)]))).toEqual(v.on)
})

test('two phones make one row of a factor, and one that is over is taken up again', () => {
  const row = (entry: ReturnType<typeof track>) => entry.row as Trigger
  const make = (rows: Trigger[] = []) => row(track('adaadaadaadaada', 'poor_concentration', 'x', '2026-09-01', rows))
  expect(make().id).toBe(make().id)
  expect(make().id).toMatch(/^[a-z0-9]{15,36}$/)
  expect(make([{ ...make(), id: 'oftheclinic0001' }])).toEqual({ id: 'oftheclinic0001', track_until: '2026-09-01' })
  expect(row(track('adaadaadaadaada', '', 'Loud street', '', [])).id).not.toBe(row(track('adaadaadaadaada', '', 'Loud street', '', [])).id)
})

test('the newest test of a factor is shown', () => {
  const one = (id: string, start: string) => ({ id, factor: 'f', start }) as PlannedTest
  expect(testOf([one('old', '2026-01-01'), one('new', '2026-03-01'), { ...one('out', '2026-04-01'), _deleted: true }], 'f')?.id).toBe('new')
  expect(testOf([], 'f')).toBe(undefined)
})

test('no word for a result says that one thing makes another', () => {
  const words = Object.values(text.found.meaning).join(' ')
  expect(words).not.toMatch(/trigger|cause|because|avoid/i)
  expect(weeks([{ what: 'onsets', have: 5, need: 8, weeks: 5 }, { what: 'exposed_days', have: 1, need: 5, weeks: null }])).toBe(5)
})

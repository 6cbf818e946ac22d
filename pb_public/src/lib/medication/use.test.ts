import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { CheckIn, Dose, Entries } from '../diary/days'
import type { DrugClass } from '../types'
import { monthOf } from './use'

type Block = { recorded?: number; headache?: number; use?: { class: DrugClass | ''; from: number; days: number; indication?: 'preventive' }[] }
type Vector = { name: string; blocks: Block[]; expect: string[]; days?: Record<string, number>; acuteDays?: number; reason?: string }
const vectors: { month: Vector[] } = JSON.parse(readFileSync(new URL('../../../../hooks/medication/testdata/vectors.json', import.meta.url), 'utf8'))

const TODAY = '2026-06-30'
const dayOf = (n: number) => new Date(Date.parse(`${TODAY}T00:00:00Z`) + n * 86_400_000).toISOString().slice(0, 10)

/** As hooks/medication/medication_test.go writes it: recorded days come first, those with headache first of all. */
function written(blocks: readonly Block[]): Entries {
  const checkIns: CheckIn[] = [], doses: Dose[] = []
  blocks.forEach((block, i) => {
    const from = 1 - 30 * (i + 1)
    for (let n = 0; n < (block.recorded ?? 30); n++) checkIns.push({ day: dayOf(from + n), headache: n < (block.headache ?? 0) })
    for (const u of block.use ?? [])
      for (let n = 0; n < u.days; n++) doses.push({ taken_at: `${dayOf(from + u.from - 1 + n)} 10:00:00.000Z`, drug_class: u.class, indication: u.indication ?? '' })
  })
  return { zone: 'UTC', checkIns, attacks: [], readings: [], doses }
}

test.each(vectors.month.map(v => [v.name, v] as const))('%s', (_, v) => {
  const month = monthOf(written(v.blocks), TODAY)
  const said = month.byClass.filter(u => u.code).map(u => `${u.code} ${u.drugClass} ${u.days} of ${u.limit}`)
  expect(said).toEqual(v.expect.filter(e => e !== 'MOH_PATTERN'))
  expect(month.reason).toBe(v.reason ?? '')
  for (const [drugClass, days] of Object.entries(v.days ?? {})) expect(month.byClass.find(u => u.drugClass === drugClass)?.days, drugClass).toBe(days)
  if (v.acuteDays !== undefined) expect(month.acuteDays).toBe(v.acuteDays)
})

test('a dose belongs to the day where she was', () => {
  const late = { taken_at: '2026-06-01 03:30:00.000Z', drug_class: 'triptan', indication: '' } as Dose // half past eleven of 31 May in New York
  const month = (tz: string) => monthOf({ zone: 'America/New_York', checkIns: [], attacks: [], readings: [], doses: [{ ...late, tz }] }, TODAY)
  expect([month('').acuteDays, month('Europe/Berlin').acuteDays]).toEqual([0, 1])
})

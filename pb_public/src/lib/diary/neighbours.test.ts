import { expect, test } from 'vitest'
import cases from '../../../../hooks/diary/testdata/merge.json'
import type { Attack, DiaryDay, Reading } from '../types'
import { near, number } from './neighbours'

type Case = { name: string; zone?: string; merge?: string; checkIns?: DiaryDay[]; attacks?: Attack[]; readings?: Reading[]; expect: string[] }
const utc = (at: number) => number(new Date(at).toISOString().slice(0, 10))
const together = (c: Case, a: Attack, b: Attack) => c.expect.some(e => (e.split(' ')[1] ?? '').includes(`${a.id}+${b.id}`))

// what the server counts, this asks about: by the vectors of the diary room, for entries in UTC and the clinic's usual rule
const table = (cases as unknown as Case[]).filter(c => !c.zone && !c.merge && (c.attacks?.length ?? 0) > 1)
test.each(table.map(c => [c.name, c] as const))('%s', (_, c) => {
  const attacks = [...c.attacks!].map(a => ({ ...a, ended_at: a.ended_at ?? '' })).sort((a, b) => a.started_at.localeCompare(b.started_at))
  for (const [i, next] of attacks.entries()) {
    const before = attacks[i - 1]
    if (!before) continue
    const rule = near(before, next, c.readings ?? [], c.checkIns ?? [], utc)
    const said = next.joined ?? null
    expect(said === null || !rule ? rule === 'one' : said).toBe(together(c, before, next))
  }
})
test('there are enough vectors', () => expect(table.length).toBeGreaterThan(9))

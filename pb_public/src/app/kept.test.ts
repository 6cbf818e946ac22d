import { beforeEach, expect, test, vi } from 'vitest'
import { forget, lost, note } from './kept'

const kept = new Map<string, string>()
beforeEach(() => {
  kept.clear()
  vi.stubGlobal('localStorage', { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => kept.set(k, v), removeItem: (k: string) => kept.delete(k) })
})
const store = (fresh: boolean) => ({ isNew: async () => fresh })

test('a database that was full and is new has been thrown away', async () => {
  note('ada', { count: 14, waiting: 2 })
  expect([await lost('ada', store(true)), await lost('ada', store(false)), await lost('ben', store(true))]).toEqual([{ count: 14, waiting: 2 }, null, null])
  forget('ada')
  expect(await lost('ada', store(true))).toBeNull()
})
test('a first start has lost nothing', async () => {
  note('ada', { count: 0, waiting: 0 })
  expect(await lost('ada', store(true))).toBeNull()
})

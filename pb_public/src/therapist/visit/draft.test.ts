import { expect, test } from 'vitest'
import { Draft, type Sent } from './draft'

const memory = () => {
  const rows = new Map<string, string>()
  return { getItem: (k: string) => rows.get(k) ?? null, setItem: (k: string, v: string) => void rows.set(k, v), removeItem: (k: string) => void rows.delete(k) }
}
/** A server of one note, with the rule of hooks/visitnote. */
function desk() {
  const parts: Record<string, { value: unknown; rev: number; by: string }> = {}
  const log: string[] = []
  let down = false
  const send = async (w: { part: string; value: unknown; rev: number }): Promise<Sent> => {
    if (down) return 'offline'
    const now = parts[w.part] ?? { value: undefined, rev: 0, by: '' }
    if (w.rev !== now.rev) return { stale: now }
    if (w.value === 'bad') return { refused: 'no' }
    log.push(w.part)
    const value = w.part.includes('/') ? { ...(now.value as object), ...(w.value as object) } : w.value
    return { stored: (parts[w.part] = { value, rev: now.rev + 1, by: 'me' }) }
  }
  return { parts, log, send, fall: () => (down = true), rise: () => (down = false) }
}
const draft = (d: ReturnType<typeof desk>, store = memory()) => new Draft('k', 'n1', d.send, store, () => {})

test('each word is stored in its turn', async () => {
  const d = desk()
  const note = draft(d)
  await note.write('response', 'a')
  await note.write('response', 'ab')
  expect(d.parts.response).toMatchObject({ value: 'ab', rev: 2 })
  expect(note.waiting).toEqual([])
})
test('an hour without a network, and a reload in it: sent later, in order', async () => {
  const d = desk()
  const store = memory()
  d.fall()
  const first = draft(d, store)
  await first.write('response', 'a')
  await first.write('interventions/x', { category: 'manual' })
  await first.write('interventions/x', { tension_before: 6 })
  await first.write('note', 'b')
  expect(first.offline).toBe(true)
  const again = draft(d, store)
  expect(again.note).toBe('n1')
  expect(again.shown('response', '')).toBe('a')
  d.rise()
  await again.flush()
  expect(d.log).toEqual(['response', 'interventions/x', 'note'])
  expect(d.parts['interventions/x']!.value).toEqual({ category: 'manual', tension_before: 6 })
  expect(store.getItem('k')).toBe(null)
})
test('a conflict shows both, and one is kept', async () => {
  const d = desk()
  const note = draft(d)
  await note.write('response', 'a')
  d.parts.response = { value: 'theirs', rev: 2, by: 'Ben' }
  await note.write('response', 'mine')
  expect(note.conflicts.response).toEqual({ mine: 'mine', theirs: 'theirs', rev: 2, by: 'Ben' })
  expect(d.parts.response.value).toBe('theirs')
  expect(note.shown('response', 'theirs')).toBe('mine')
  await note.settle('response', true)
  expect(d.parts.response).toMatchObject({ value: 'mine', rev: 3 })
  expect(note.conflicts).toEqual({})
})
test('what is refused says why and holds nothing up', async () => {
  const d = desk()
  const note = draft(d)
  await note.write('response', 'bad')
  await note.write('note', 'fine')
  expect(note.refused.response).toBe('no')
  expect(d.parts.note!.value).toBe('fine')
})

test('a page that was read before a word was stored takes nothing back', async () => {
  const d = desk()
  const note = draft(d)
  await note.write('interventions/x', { category: 'manual' })
  let asked = 0
  const page = () => {
    const now = { ...d.parts['interventions/x']! } // as the server had it when it was asked
    return new Promise<typeof now>(done => (asked++ ? done(now) : void note.write('interventions/x', { pain_before: 5 }).then(() => done(now))))
  }
  note.knows('interventions/x', (await note.read(page)).rev)
  await note.write('interventions/x', { pain_after: 3 })
  expect(note.conflicts).toEqual({})
  expect(d.parts['interventions/x']).toMatchObject({ value: { category: 'manual', pain_before: 5, pain_after: 3 }, rev: 3 })
  expect(asked).toBe(2)
})

import 'fake-indexeddb/auto'
import { afterEach, expect, test } from 'vitest'
import { fakeServer } from './exchange.fake'
import { newId } from './id'
import { openStore, type Store } from './store'
import type { Collection, Entry } from './types'
import type { Doc, Remote } from './wire'

const ADA = 'adaadaadaadaada'
const opened: Store[] = []
function phone() {
  const store = openStore(newId())
  opened.push(store)
  return store
}
afterEach(() => opened.splice(0).forEach(store => store.close()))

const read = (store: Store, collection: Collection) =>
  new Promise<Doc[]>(resolve => {
    const stop = store.watch(r => r[collection].toArray() as never, (rows: Doc[]) => (resolve(rows), setTimeout(() => stop())))
  })
const attack = (fields: object = {}) =>
  ({ collection: 'attacks', row: { id: newId(), patient: ADA, started_at: '2026-01-05 14:00:00.000Z', note: '', peak_nrs: null, ...fields } }) as Entry & { row: Doc }
const save = (store: Store, ...entries: Entry[]) => store.write(() => entries)
const say = (store: Store, id: string, fields: object) => save(store, { collection: 'attacks', row: { id, ...fields } } as Entry)
const bare = (docs: Doc[]) => docs.filter(d => !d._deleted).map(({ rev, ...doc }) => doc).sort((a, b) => a.id.localeCompare(b.id))

test('what is written is in the outbox until the server has answered', async () => {
  const store = phone()
  const server = fakeServer()
  await save(store, attack())
  expect(await store.outbox()).toEqual({ waiting: 1, refused: 0 })
  await store.exchange(server.remote)
  expect(await store.outbox()).toEqual({ waiting: 0, refused: 0 })
  expect(server.docs('attacks')).toHaveLength(1)
})

test('an owner is sent before the rows that point at it, and removed after them', async () => {
  const store = phone()
  const server = fakeServer()
  const a = attack()
  const reading = { collection: 'attack_readings', row: { id: newId(), patient: ADA, attack: a.row.id, nrs: 5 } } as Entry
  await save(store, reading, a)
  await store.exchange(server.remote)
  expect(server.requests[0]!.push.map(p => p.collection)).toEqual(['attacks', 'attack_readings'])
  await save(store, { ...a, row: { id: a.row.id, _deleted: true } } as Entry, { ...reading, row: { id: reading.row.id, _deleted: true } } as Entry)
  await store.exchange(server.remote)
  expect(server.requests.at(-1)!.push.map(p => p.collection)).toEqual(['attack_readings', 'attacks'])
  expect(await read(store, 'attacks')).toEqual([])
})

test('numbers rise along a request, also when an owner was changed after its answer was lost', async () => {
  const store = phone()
  const server = fakeServer()
  const a = attack()
  await save(store, a, { collection: 'attack_readings', row: { id: newId(), patient: ADA, attack: a.row.id, nrs: 5 } } as Entry)
  await store.exchange(() => Promise.reject(new Error('lost'))).catch(() => {})
  await say(store, a.row.id, { note: 'later' })
  await store.exchange(server.remote)
  const sent = server.requests[0]!.push
  expect(sent.map(p => p.collection)).toEqual(['attacks', 'attack_readings'])
  expect(sent[0]!.n).toBeLessThan(sent[1]!.n)
})

test('the same unsent state keeps its number, a new one gets a higher one', async () => {
  const store = phone()
  const numbers: number[] = []
  const dead: Remote = request => (numbers.push(...request.push.map(p => p.n)), Promise.reject(new Error('no network')))
  const a = attack()
  await save(store, a)
  for (let i = 0; i < 2; i++) await store.exchange(dead).catch(() => {})
  await say(store, a.row.id, { note: 'more' })
  await store.exchange(dead).catch(() => {})
  expect(numbers).toEqual([1, 1, 2])
})

test('a retry that fails changes nothing on the phone, so it does not call for the next one', async () => {
  const store = phone()
  await save(store, attack())
  const dead: Remote = () => Promise.reject(new Error('no network'))
  await store.exchange(dead).catch(() => {})
  let news = -1 // the watch reports once at the start
  const stop = store.watchOutbox(() => news++)
  for (let i = 0; i < 3; i++) await store.exchange(dead).catch(() => {})
  await new Promise(done => setTimeout(done, 100))
  stop()
  expect(news).toBe(0)
})

test('a lost answer does not make a second attack', async () => {
  const store = phone()
  const server = fakeServer()
  await save(store, attack())
  await store.exchange(r => server.remote(r).then(() => Promise.reject(new Error('answer lost')))).catch(() => {})
  const before = server.seq()
  await store.exchange(server.remote)
  expect(server.docs('attacks')).toHaveLength(1)
  expect(server.seq()).toBe(before)
})

test('a change made while its predecessor is on the wire is not lost', async () => {
  const store = phone()
  const server = fakeServer()
  const a = attack()
  await save(store, a)
  let overtaken = false
  await store.exchange(async request => {
    if (!overtaken) (overtaken = true), await say(store, a.row.id, { peak_nrs: 7 })
    return server.remote(request)
  })
  expect(server.docs('attacks')[0]).toMatchObject({ peak_nrs: 7 })
  expect(await store.outbox()).toEqual({ waiting: 0, refused: 0 })
})

test('when a change that overtook its answer meets another value there, the server decides and keeps both', async () => {
  const [one, two] = [phone(), phone()]
  const server = fakeServer()
  const a = attack()
  await save(one, a)
  await one.exchange(server.remote)
  await two.exchange(server.remote)
  await say(two, a.row.id, { note: 'from two' })
  await two.exchange(server.remote)
  await say(one, a.row.id, { peak_nrs: 3 })
  let overtaken = false
  await one.exchange(async request => {
    if (!overtaken) (overtaken = true), await say(one, a.row.id, { note: 'from one' })
    return server.remote(request)
  })
  expect(server.docs('attacks')[0]).toMatchObject({ peak_nrs: 3, note: 'from two' })
  expect(server.conflicts).toEqual([{ key: `attacks/${a.row.id}`, field: 'note', value: 'from one' }])
  expect(bare(await read(one, 'attacks'))).toEqual(bare(server.docs('attacks')))
})

test('changes of different fields on two phones are both kept', async () => {
  const [one, two] = [phone(), phone()]
  const server = fakeServer()
  const a = attack()
  await save(one, a)
  await one.exchange(server.remote)
  await two.exchange(server.remote)
  await say(one, a.row.id, { note: 'dark room' })
  await say(two, a.row.id, { peak_nrs: 6 })
  for (const store of [one, two, one]) await store.exchange(server.remote)
  for (const store of [one, two]) expect((await read(store, 'attacks'))[0]).toMatchObject({ note: 'dark room', peak_nrs: 6 })
})

test('a refused entry stays, is not sent again until it is changed, and can be given up', async () => {
  const store = phone()
  const server = fakeServer()
  const good = attack()
  const bad = attack({ peak_nrs: 99 })
  server.refuseWhen((_, state) => (Number(state.peak_nrs) > 10 ? { E_VALUE: { code: 'E_VALUE', severity: 'HARD', message: 'Out of range.' } } : null))
  await save(store, bad, good)
  await store.exchange(server.remote)
  expect(await store.outbox()).toEqual({ waiting: 0, refused: 1 })
  expect(await store.refusedEntries()).toMatchObject([{ id: bad.row.id, message: 'Not accepted.', data: { E_VALUE: {} }, row: { peak_nrs: 99 } }])
  await store.exchange(server.remote)
  expect(server.requests.at(-1)!.push).toEqual([])

  await say(store, bad.row.id, { peak_nrs: 9 })
  expect(await store.outbox()).toEqual({ waiting: 1, refused: 0 })
  await store.exchange(server.remote)
  expect(server.docs('attacks')).toHaveLength(2)

  await say(store, bad.row.id, { peak_nrs: 50 })
  await store.exchange(server.remote)
  await store.discard('attacks', bad.row.id)
  expect((await read(store, 'attacks')).find(r => r.id === bad.row.id)).toMatchObject({ peak_nrs: 9 })
  expect(await store.outbox()).toEqual({ waiting: 0, refused: 0 })
})

test('a refused entry that is given up shows what the server has learned since', async () => {
  const [one, two] = [phone(), phone()]
  const server = fakeServer()
  const a = attack()
  await save(one, a)
  await one.exchange(server.remote)
  await two.exchange(server.remote)
  server.refuseWhen((_, state) => (state.note === 'bad' ? {} : null))
  await say(one, a.row.id, { note: 'bad' })
  await one.exchange(server.remote)
  await say(two, a.row.id, { peak_nrs: 4 })
  await two.exchange(server.remote)
  await one.exchange(server.remote)
  await one.discard('attacks', a.row.id)
  expect((await read(one, 'attacks'))[0]).toMatchObject({ note: '', peak_nrs: 4 })
})

test('lost rights: clean rows go at once, unsent work goes when it is handed over', async () => {
  const store = phone()
  const server = fakeServer()
  const a = attack()
  await save(store, a, attack())
  await store.exchange(server.remote)
  server.revoke(ADA)
  await say(store, a.row.id, { note: 'not sent yet' })
  await store.exchange(server.remote)
  expect(await read(store, 'attacks')).toEqual([])
  expect(await store.outbox()).toEqual({ waiting: 0, refused: 0 })
  expect(server.conflicts).toContainEqual({ key: `attacks/${a.row.id}`, field: 'note', value: 'not sent yet' })
})

test('a server restored from an old copy gets back what it had forgotten', async () => {
  const store = phone()
  const server = fakeServer()
  const first = attack()
  await save(store, first)
  await store.exchange(server.remote)
  const copy = server.backup()
  await say(store, first.row.id, { note: 'after the copy' })
  await save(store, attack({ note: 'also after' }))
  await store.exchange(server.remote)
  server.restore(copy)
  await store.exchange(server.remote)
  expect(server.docs('attacks').map(d => d.note).sort()).toEqual(['after the copy', 'also after'])
  expect(await store.outbox()).toEqual({ waiting: 0, refused: 0 })
})

test('undo brings everything back, before and after it was sent', async () => {
  const store = phone()
  const server = fakeServer()
  const a = attack({ note: 'mine' })
  await save(store, a)
  await store.exchange(server.remote)
  const undoUnsent = await say(store, a.row.id, { note: 'slip' })
  await save(store, ...undoUnsent)
  expect(await store.outbox()).toEqual({ waiting: 0, refused: 0 })

  const undo = await say(store, a.row.id, { _deleted: true })
  await store.exchange(server.remote)
  expect(await read(store, 'attacks')).toEqual([])
  await save(store, ...undo)
  await store.exchange(server.remote)
  expect(server.docs('attacks')).toMatchObject([{ note: 'mine' }])
})

test('undo holds when the removal reached the server and its answer was lost', async () => {
  const store = phone()
  const server = fakeServer()
  const a = attack({ note: 'mine' })
  await save(store, a)
  await store.exchange(server.remote)
  const undo = await say(store, a.row.id, { _deleted: true })
  await store.exchange(r => server.remote(r).then(() => Promise.reject(new Error('answer lost')))).catch(() => {})
  await save(store, ...undo)
  await store.exchange(server.remote)
  expect(server.docs('attacks')).toMatchObject([{ note: 'mine' }])
  expect(bare(await read(store, 'attacks'))).toMatchObject([{ note: 'mine' }])
})

test('a row made and taken back before it was sent is never sent', async () => {
  const store = phone()
  const undo = await save(store, attack())
  await save(store, ...undo)
  expect(await store.outbox()).toEqual({ waiting: 0, refused: 0 })
  expect(await read(store, 'attacks')).toEqual([])
})

test('a year of diary arrives in pages', async () => {
  const store = phone()
  const server = fakeServer()
  for (let i = 0; i < 1234; i++) server.put('attacks', attack().row)
  await store.exchange(server.remote)
  expect(await store.count()).toBe(1234)
  expect(server.requests).toHaveLength(3)
})

/**
 * Every value written is a token that remembers the value it replaced. In the end each is in the final state, or replaced
 * by someone who had seen it, or among the conflicts the server kept.
 */
test.each(Array.from({ length: 24 }, (_, i) => i + 1))('two phones converge and lose nothing, whatever gets lost on the way (seed %i)', async seed => {
  let state = seed
  const random = (n: number) => (state = (state * 48271) % 2147483647) % n
  let lossy = true
  const server = fakeServer(() => lossy && random(4) === 0)
  const phones = [phone(), phone()]
  const fields = ['note', 'peak_nrs', 'ended_at']
  const seen = new Map<string, unknown>()
  let made = 0

  for (let step = 0; step < 80; step++) {
    const store = phones[random(2)]!
    const all = await read(store, 'attacks')
    const one = all[random(Math.max(1, all.length))]
    const act = random(6)
    const change = async () => {
      const row = one && (await read(store, 'attacks')).find(r => r.id === one.id)
      if (!row) return
      const field = fields[random(fields.length)]!
      const token = `t${seen.size}`
      seen.set(token, row[field])
      await say(store, row.id, { [field]: token })
    }
    if (act === 0 || !one) made++, await save(store, attack())
    else if (act <= 3) await change()
    else await store.exchange(async r => (random(3) === 0 && (await change()), server.remote({ ...r, limit: 3 }))).catch(() => {})
  }
  lossy = false
  for (const store of [...phones, ...phones]) await store.exchange(server.remote)

  expect(server.docs('attacks')).toHaveLength(made)
  for (const store of phones) {
    expect(bare(await read(store, 'attacks'))).toEqual(bare(server.docs('attacks')))
    expect(await store.outbox()).toEqual({ waiting: 0, refused: 0 })
  }
  const final = new Set(server.docs('attacks').flatMap(d => fields.map(f => d[f])))
  const replaced = new Set(seen.values())
  const kept = new Set(server.conflicts.map(c => c.value))
  for (const token of seen.keys()) expect(final.has(token) || replaced.has(token) || kept.has(token), `${token} is lost`).toBe(true)
})

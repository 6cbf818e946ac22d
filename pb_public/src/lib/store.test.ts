import 'fake-indexeddb/auto'
import Dexie from 'dexie'
import { afterEach, expect, test } from 'vitest'
import { fakeServer } from './exchange.fake'
import { newId } from './id'
import { openStore, type Store } from './store'
import type { Collection, Entry } from './types'
import { Busy, OldApp, SignedOut, TooLarge, Unwilling, type Doc, type Remote } from './wire'

const ADA = 'adaadaadaadaada'
const opened: Store[] = []
function phone(as: 'patient' | 'staff' = 'patient', name = newId()) {
  const store = openStore(name, as)
  opened.push(store)
  return store
}
async function reopen(store: Store) {
  store.close()
  return phone('patient', store.name)
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
  expect(await store.outbox()).toEqual({ waiting: 1, refused: 0, held: 0 })
  await store.exchange(server.remote)
  expect(await store.outbox()).toEqual({ waiting: 0, refused: 0, held: 0 })
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
  expect(await store.outbox()).toEqual({ waiting: 0, refused: 0, held: 0 })
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
  expect(await store.outbox()).toEqual({ waiting: 0, refused: 1, held: 0 })
  expect(await store.refusedEntries()).toMatchObject([{ id: bad.row.id, message: 'Not accepted.', data: { E_VALUE: {} }, row: { peak_nrs: 99 }, theirs: null }])
  await store.exchange(server.remote)
  expect(server.requests.at(-1)!.push).toEqual([])

  await say(store, bad.row.id, { peak_nrs: 9 })
  expect(await store.outbox()).toEqual({ waiting: 1, refused: 0, held: 0 })
  await store.exchange(server.remote)
  expect(server.docs('attacks')).toHaveLength(2)

  await say(store, bad.row.id, { peak_nrs: 50 })
  await store.exchange(server.remote)
  await store.discard('attacks', bad.row.id)
  expect((await read(store, 'attacks')).find(r => r.id === bad.row.id)).toMatchObject({ peak_nrs: 9 })
  expect(await store.outbox()).toEqual({ waiting: 0, refused: 0, held: 0 })
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
  expect(await store.outbox()).toEqual({ waiting: 0, refused: 0, held: 0 })
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
  expect(await store.outbox()).toEqual({ waiting: 0, refused: 0, held: 0 })
})

test('undo brings everything back, before and after it was sent', async () => {
  const store = phone()
  const server = fakeServer()
  const a = attack({ note: 'mine' })
  await save(store, a)
  await store.exchange(server.remote)
  const undoUnsent = await say(store, a.row.id, { note: 'slip' })
  await save(store, ...undoUnsent)
  expect(await store.outbox()).toEqual({ waiting: 0, refused: 0, held: 0 })

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
  expect(await store.outbox()).toEqual({ waiting: 0, refused: 0, held: 0 })
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

const broken = (code: string) => ({ [code]: { code, severity: 'HARD', message: code } })
const readingOf = (a: { row: Doc }, fields: object = {}) => ({ collection: 'attack_readings', row: { id: newId(), patient: ADA, attack: a.row.id, nrs: 5, ...fields } }) as Entry & { row: Doc }

test('what the server could not store is its fault: it waits, and goes with a later exchange', async () => {
  const store = phone()
  const server = fakeServer()
  let ill = true
  server.refuseWhen((c, state) => (ill && c === 'attacks' && state.note === 'ill' ? broken('E_NOT_STORED') : null))
  const a = attack({ note: 'ill' })
  await save(store, a, readingOf(a), attack())
  await store.exchange(server.remote)
  expect(server.docs('attacks')).toHaveLength(1) // the others are not held up
  expect(await store.outbox()).toEqual({ waiting: 2, refused: 0, held: 0 }) // the reading waits with its attack
  expect(server.requests).toHaveLength(1)
  ill = false
  await store.exchange(server.remote)
  expect(server.docs('attacks')).toHaveLength(2)
  expect(server.docs('attack_readings')).toHaveLength(1)
  expect(await store.outbox()).toEqual({ waiting: 0, refused: 0, held: 0 })
})

test('what belongs to a refused row waits for it, and goes when it is corrected', async () => {
  const store = phone()
  const server = fakeServer()
  server.refuseWhen((_, state) => (Number(state.peak_nrs) > 10 ? broken('E_VALUE') : null))
  const a = attack({ peak_nrs: 99 })
  await save(store, a, readingOf(a))
  await store.exchange(server.remote)
  expect(await store.outbox()).toEqual({ waiting: 0, refused: 1, held: 1 })
  await save(store, readingOf(a))
  await store.exchange(server.remote)
  expect(server.requests.at(-1)!.push).toEqual([])
  await say(store, a.row.id, { peak_nrs: 9 })
  await store.exchange(server.remote)
  expect(server.docs('attack_readings')).toHaveLength(2)
  expect(await store.outbox()).toEqual({ waiting: 0, refused: 0, held: 0 })
})

test('a removal that is refused waits for nobody: it is shown, and the exchange ends', async () => {
  const store = phone()
  const server = fakeServer()
  const bad = attack({ peak_nrs: 99 })
  const reading = { collection: 'attack_readings', row: { id: newId(), patient: ADA, attack: bad.row.id, nrs: 3 } } as unknown as Entry
  await save(store, bad, reading)
  server.refuseWhen(() => broken('E_FORBIDDEN'))
  let requests = 0
  const remote: Remote = request => (++requests > 9 ? Promise.reject(new Error('for ever')) : server.remote(request))
  await store.exchange(remote)
  await save(store, { collection: 'attack_readings', row: { id: reading.row.id, _deleted: true } } as unknown as Entry)
  await store.exchange(remote)
  expect(requests).toBeLessThan(9)
})

test('a refused row that is given up takes along what belongs to it; a dose stays without its attack; undo brings all back', async () => {
  const store = phone()
  const server = fakeServer()
  server.refuseWhen((c, state) => (c === 'attacks' && Number(state.peak_nrs) > 10 ? broken('E_VALUE') : null))
  const a = attack({ peak_nrs: 99 })
  const drug = { collection: 'medications', row: { id: newId(), patient: ADA, name: 'Triptan' } } as Entry & { row: Doc }
  const dose = { collection: 'medication_doses', row: { id: newId(), patient: ADA, medication: drug.row.id, attack: a.row.id } } as Entry
  await save(store, a, readingOf(a), drug, dose)
  await store.exchange(server.remote)
  const undo = await store.discard('attacks', a.row.id)
  await store.exchange(server.remote)
  expect(server.docs('medication_doses')).toMatchObject([{ attack: '' }])
  expect(server.docs('attack_readings')).toEqual([])
  expect(await store.outbox()).toEqual({ waiting: 0, refused: 0, held: 0 })
  await save(store, ...undo)
  await store.exchange(server.remote)
  expect(await store.outbox()).toEqual({ waiting: 0, refused: 1, held: 2 })
  expect(await store.refusedEntries()).toMatchObject([{ row: { peak_nrs: 99 } }])
})

test('a refused entry can be sent again as it is', async () => {
  const store = phone()
  const server = fakeServer()
  let strict = true
  server.refuseWhen(() => (strict ? broken('E_VALUE') : null))
  const a = attack()
  await save(store, a)
  await store.exchange(server.remote)
  strict = false
  await store.exchange(server.remote)
  expect(server.docs('attacks')).toEqual([])
  await store.sendAgain('attacks', a.row.id)
  await store.exchange(server.remote)
  expect(server.docs('attacks')).toHaveLength(1)
})

test('words written while their first version was being refused stand on top of it, nothing falls out', async () => {
  const store = phone()
  const server = fakeServer()
  const a = attack()
  await save(store, a)
  await store.exchange(server.remote)
  server.refuseWhen((_, state) => (Number(state.peak_nrs) > 10 ? broken('E_VALUE') : null))
  await say(store, a.row.id, { peak_nrs: 99 })
  let overtaken = false
  await store.exchange(async request => {
    if (!overtaken) (overtaken = true), await say(store, a.row.id, { note: 'and this' })
    return server.remote(request)
  })
  expect(await store.refusedEntries()).toMatchObject([{ row: { peak_nrs: 99, note: 'and this' } }])
})

test('a thousand rows go out in batches, and in smaller ones when that is too much at once', async () => {
  const store = phone()
  const server = fakeServer()
  await save(store, ...Array.from({ length: 1000 }, () => attack()))
  await store.exchange(server.remote)
  expect(server.requests.map(r => r.push.length)).toEqual([200, 200, 200, 200, 200])
  server.takesAtMost(30)
  await save(store, ...Array.from({ length: 200 }, () => attack()))
  await store.exchange(server.remote)
  expect(server.docs('attacks')).toHaveLength(1200)
  expect(await store.outbox()).toEqual({ waiting: 0, refused: 0, held: 0 })
})

test('an entry that is too large by itself is shown and does not stop the others', async () => {
  const store = phone()
  const server = fakeServer()
  const large: Remote = request => {
    if (request.push.some(p => String(p.state.note).length > 100)) throw new TooLarge()
    return server.remote(request)
  }
  await save(store, attack(), attack({ note: 'x'.repeat(101) }), attack())
  await store.exchange(async request => large(request))
  expect(server.docs('attacks')).toHaveLength(2)
  expect(await store.refusedEntries()).toMatchObject([{ data: { E_TOO_LARGE: {} } }])
})

test.each([new Busy(9), new OldApp(), new SignedOut(), new Error('no network')])('after %o everything is still in the outbox, as it was', async problem => {
  const store = phone()
  await save(store, attack(), attack())
  await expect(store.exchange(() => Promise.reject(problem))).rejects.toBe(problem)
  expect(await store.outbox()).toEqual({ waiting: 2, refused: 0, held: 0 })
  const server = fakeServer()
  await store.exchange(server.remote)
  expect(server.docs('attacks')).toHaveLength(2)
})

const BO = 'bobobobobobobob'
const of = (patient: string, fields: object = {}) => attack({ patient, ...fields })

test('a patient who leaves: unsent and refused work is handed over, the rest goes, and the server hears of it until it answers', async () => {
  const store = phone('staff')
  const server = fakeServer()
  server.refuseWhen((_, state) => (state.note === 'odd' ? broken('E_VALUE') : null))
  const sent = of(ADA)
  await save(store, sent, of(ADA, { note: 'odd' }), of(BO))
  server.put('consents', { id: newId(), patient: ADA, family: 'diary', state: 'given' })
  server.put('patients', { id: ADA, name: 'Ada' })
  await store.exchange(server.remote)
  await say(store, sent.row.id, { note: 'unsent' })
  server.revoke(ADA)
  let lost = 0
  const noAnswerTo: Remote = async request => {
    const answer = await server.remote(request)
    if (request.erased.length && lost++ < 2) throw new Error('answer lost')
    return answer
  }
  for (let i = 0; i < 3; i++) await store.exchange(noAnswerTo).catch(() => {})
  expect(server.conflicts.map(c => c.value)).toEqual(expect.arrayContaining(['unsent', 'odd']))
  for (const collection of ['patients', 'consents', 'attacks'] as const)
    expect((await read(store, collection)).filter(r => r.id === ADA || r.patient === ADA)).toEqual([])
  expect(await read(store, 'attacks')).toHaveLength(1)
  expect(await store.outbox()).toEqual({ waiting: 0, refused: 0, held: 0 })
  expect(server.erasures).toEqual([ADA, ADA, ADA])
  await store.exchange(server.remote)
  expect(server.requests.at(-1)!.erased).toEqual([])

  server.grant(ADA)
  await store.exchange(server.remote)
  expect(await read(store, 'patients')).toMatchObject([{ id: ADA }])
})

test('a right that ends and comes back before refused work could be handed over: the work is before her eyes again', async () => {
  const store = phone('staff')
  const server = fakeServer()
  server.put('patients', { id: ADA, name: 'Ada' })
  server.refuseWhen((_, state) => (state.note === 'odd' ? broken('E_VALUE') : null))
  await save(store, of(ADA, { note: 'odd' }))
  await store.exchange(server.remote)
  server.revoke(ADA)
  let told = 0
  const once: Remote = request => (told++ ? Promise.reject(new Error('request lost')) : server.remote(request))
  await store.exchange(once).catch(() => {})
  server.grant(ADA)
  await store.exchange(server.remote)
  expect(await store.refusedEntries()).toMatchObject([{ row: { note: 'odd' } }])
  expect(await store.outbox()).toEqual({ waiting: 0, refused: 1, held: 0 })
})

test('what no server could hand over is shown, and the exchange of a patient who left ends', async () => {
  const store = phone('staff')
  const server = fakeServer()
  server.put('patients', { id: ADA, name: 'Ada' })
  await save(store, of(ADA))
  server.revoke(ADA)
  let requests = 0
  const remote: Remote = async request => {
    if (++requests > 9) throw new Error('for ever')
    const answer = await server.remote(request)
    return { ...answer, revoked: requests > 1 ? [] : answer.revoked, verdicts: answer.verdicts.map(v => ({ n: v.n, verdict: 'refused', data: broken('E_ID') })) }
  }
  await store.exchange(remote)
  expect(await store.outbox()).toEqual({ waiting: 0, refused: 1, held: 0 })
})

test('work that the server could not take over yet stays until it can', async () => {
  const store = phone('staff')
  const server = fakeServer()
  await save(store, of(ADA))
  server.revoke(ADA)
  let ill = true
  const remote: Remote = async request => {
    const answer = await server.remote(request)
    return ill ? { ...answer, verdicts: answer.verdicts.map(v => ({ n: v.n, verdict: 'refused', data: broken('E_NOT_STORED') })) } : answer
  }
  await store.exchange(remote)
  expect(await store.outbox()).toMatchObject({ waiting: 1 })
  expect(server.erasures).toEqual([])
  ill = false
  await store.exchange(remote)
  expect(await read(store, 'attacks')).toEqual([])
  expect(server.erasures).toEqual([ADA])
})

test('a consent that ends takes exactly its own collections', async () => {
  const store = phone('staff')
  const server = fakeServer()
  const drug = { collection: 'medications', row: { id: newId(), patient: ADA, name: 'Triptan' } } as Entry
  await save(store, of(ADA), of(BO), drug)
  await store.exchange(server.remote)
  const mine = (await read(store, 'attacks')).find(r => r.patient === ADA)!
  await say(store, mine.id, { note: 'unsent' })
  server.revoke(ADA, ['attacks', 'attack_readings'])
  await store.exchange(server.remote)
  expect(await read(store, 'attacks')).toMatchObject([{ patient: BO }])
  expect(await read(store, 'medications')).toHaveLength(1)
  expect(server.conflicts.map(c => c.value)).toContain('unsent')
  expect(server.erasures).toEqual([])
})

test('after a restore: removals too are told again, unsent edits keep their base, and a crash in the middle resumes', async () => {
  const store = phone()
  const server = fakeServer()
  const [kept, edited, gone] = [attack({ note: 'kept' }), attack({ note: 'old' }), attack({ note: 'gone' })]
  await save(store, kept, edited, gone)
  await store.exchange(server.remote)
  const copy = server.backup()
  await say(store, gone.row.id, { _deleted: true })
  await say(store, kept.row.id, { peak_nrs: 8 })
  await store.exchange(server.remote)
  await say(store, edited.row.id, { note: 'unsent' })
  server.restore(copy)
  server.put('attacks', { ...server.docs('attacks').find(d => d.id === edited.row.id)!, peak_nrs: 3 }) // somebody else, since
  let calls = 0
  const crashing: Remote = async request => {
    if (++calls === 3) throw new Error('the phone went off')
    return server.remote({ ...request, limit: 1 })
  }
  await store.exchange(crashing).catch(() => {})
  const again = await reopen(store)
  await save(again, ...(await say(again, kept.row.id, { note: 'slip' }))) // undone: and still to be told
  await again.exchange(r => server.remote({ ...r, limit: 1 }))
  const since = server.requests.slice(server.requests.findIndex(r => r.cursor === null && r.ack === null && r !== server.requests[0]))
  expect(since.findIndex(r => r.push.length > 0)).toBeGreaterThan(1) // everything is fetched before anything is sent
  const told = since.flatMap(r => r.push)
  expect(told.map(p => p.state.id).sort()).toEqual([kept, edited, gone].map(e => e.row.id).sort())
  expect(told.find(p => p.state.id === edited.row.id)!.base).toMatchObject({ note: 'old' })
  expect(bare(server.docs('attacks')).map(d => [d.note, d.peak_nrs]).sort()).toEqual([['kept', 8], ['unsent', 3]])
  expect(bare(await read(again, 'attacks'))).toEqual(bare(server.docs('attacks')))
  expect(await again.outbox()).toEqual({ waiting: 0, refused: 0, held: 0 })
})

test('what the server refuses after a restore and does not have can be given up without a trace', async () => {
  const store = phone()
  const server = fakeServer()
  await store.exchange(server.remote)
  const copy = server.backup()
  const log = { collection: 'exercise_logs', row: { id: newId(), patient: ADA, exercise: newId() } } as Entry & { row: Doc }
  server.put('exercises', { id: String(log.row.exercise), patient: ADA })
  await save(store, log)
  await store.exchange(server.remote)
  server.restore(copy)
  await store.exchange(server.remote)
  expect(await store.refusedEntries()).toMatchObject([{ id: log.row.id, theirs: null }])
  await store.discard('exercise_logs', log.row.id)
  expect(await read(store, 'exercise_logs')).toEqual([])
  expect(await store.compareWith({ exchange: server.remote, digest: server.digest })).toEqual([])
})

test('what was refused before a restore is judged anew after it; said again, it is tried again', async () => {
  const store = phone()
  const server = fakeServer()
  await store.exchange(server.remote)
  const copy = server.backup()
  let strict = true
  server.refuseWhen(() => (strict ? broken('E_VALUE') : null))
  const [a, b] = [attack(), attack()]
  await save(store, a, b)
  await store.exchange(server.remote)
  await say(store, a.row.id, { note: '' }) // nothing new
  expect(await store.outbox()).toEqual({ waiting: 1, refused: 1, held: 0 })
  await store.exchange(server.remote)
  expect(await store.outbox()).toEqual({ waiting: 0, refused: 2, held: 0 })
  server.put('attacks', attack().row)
  await store.exchange(server.remote)
  strict = false
  server.restore(copy)
  await store.exchange(server.remote)
  expect(server.docs('attacks').map(d => d.id)).toEqual(expect.arrayContaining([a.row.id, b.row.id]))
  expect(await store.outbox()).toEqual({ waiting: 0, refused: 0, held: 0 })
})

test('a deletion says how far the phone had heard when the person made it, not when it was sent', async () => {
  const store = phone()
  const server = fakeServer()
  const a = attack()
  await save(store, a)
  await store.exchange(server.remote)
  await say(store, a.row.id, { _deleted: true })
  server.put('attacks', attack().row)
  await store.exchange(r => server.remote({ ...r, push: [] })) // heard, not sent
  await store.exchange(server.remote)
  const all = () => server.requests.flatMap(r => r.push)
  expect(server.requests.at(-1)!.cursor).toEqual({ epoch: 'e1', seq: 2 })
  expect(all().find(p => p.state._deleted)!.seen).toEqual({ epoch: 'e1', seq: 1 })

  const copy = server.backup()
  const b = attack()
  await save(store, b)
  await store.exchange(server.remote)
  await say(store, b.row.id, { _deleted: true })
  await store.exchange(server.remote)
  const at = server.seq()
  server.restore(copy)
  await store.exchange(server.remote)
  expect(all().findLast(p => p.state.id === b.row.id)!.seen).toEqual({ epoch: 'e1', seq: at })
})

test('two accounts on one phone have two stores', async () => {
  const [ada, ben] = [phone(), phone()]
  const server = fakeServer()
  await save(ada, attack({ note: 'mine' }))
  await ada.exchange(server.remote)
  expect(await ben.count()).toBe(0)
  await ben.erase()
  expect(await ada.count()).toBe(1)
})

test('a phone that differs from the server finds it out and mends it, without losing what only it has', async () => {
  const store = phone()
  const server = fakeServer()
  const a = attack({ note: 'here' })
  await save(store, a, attack())
  await store.exchange(server.remote)
  const same = { exchange: server.remote, digest: server.digest }
  expect(await store.compareWith(same)).toEqual([])
  expect(await store.compared()).toMatchObject({ same: true })

  const missed = server.put('attacks', attack({ note: 'missed' }).row)
  await store.exchange(r => server.remote(r).then(answer => ({ ...answer, changes: [] }))) // a page that got lost
  expect(await store.compareWith(same)).toEqual(['attacks'])
  expect(await store.compared()).toMatchObject({ same: false })
  await store.exchange(server.remote)
  expect((await read(store, 'attacks')).map(r => r.id)).toContain(missed.id)
  expect(await store.compareWith(same)).toEqual([])
})

test('decisions can be made without a network; one that cannot be comes back with the reason', async () => {
  const store = phone()
  const open = [1, 2, 3].map(id => ({ id, at: '', collection: 'attacks' as const, doc: 'x', patient: ADA, kind: 'conflict', detail: {} }))
  let there = [...open]
  const sent: string[] = []
  const server = {
    conflicts: async () => there,
    resolve: async (id: number, take: string) => {
      sent.push(`${id} ${take}`)
      if (id === 2) throw new Unwilling('No.', broken('E_STALE'))
      there = there.filter(c => c.id !== id)
    },
  }
  await store.decisions.settle(server)
  expect((await store.decisions.open()).map(c => c.id)).toEqual([1, 2, 3])
  await store.decisions.decide(1, 'lost')
  await store.decisions.decide(2, 'lost')
  expect((await store.decisions.open()).map(c => c.id)).toEqual([3])
  await expect(store.decisions.settle({ ...server, resolve: () => Promise.reject(new Error('no network')) })).rejects.toThrow()
  expect((await store.decisions.open()).map(c => c.id)).toEqual([3])
  await store.decisions.settle(server)
  expect(sent).toEqual(['1 lost', '2 lost'])
  expect((await store.decisions.open()).map(c => [c.id, c.unwilling])).toEqual([[2, { message: 'No.', data: broken('E_STALE') }], [3, null]])
})

/** The tables of version 1, as phones have them. */
const FIRST = {
  patients: 'id, patient', consents: 'id, patient', diary_days: 'id, patient, day', attacks: 'id, patient, started_at', attack_readings: 'id, patient, attack',
  attack_phases: 'id, patient, attack', medications: 'id, patient', medication_doses: 'id, patient, attack, taken_at', triggers: 'id, patient',
  trigger_exposures: 'id, patient', exercises: 'id, patient', exercise_logs: 'id, patient', plans: 'id, patient', visits: 'id, patient',
  base: '[collection+id]', refused: '[collection+id]', meta: '',
}

test('a phone of an older app keeps its rows and its unsent work, and fetches what it had no table for', async () => {
  const server = fakeServer()
  const plan = server.put('plans', { id: newId(), patient: ADA })
  const goal = server.put('goals', { id: newId(), patient: ADA, plan: plan.id })
  const [known, unsent] = [attack({ note: 'known' }), attack()].map(a => server.put('attacks', a.row))
  const cursor = { epoch: 'e1', seq: server.seq() }

  const old = new Dexie(newId())
  old.version(1).stores(FIRST)
  await old.table('plans').put(plan)
  await old.table('attacks').bulkPut([known, { ...unsent, note: 'unsent' }])
  await old.table('base').put({ collection: 'attacks', id: unsent!.id, base: unsent, n: 7, sent: true, gone: false })
  await old.table('meta').bulkPut(['phone-of-ada', 7, cursor, cursor], ['device', 'n', 'cursor', 'ack'])
  await old.table('meta').bulkPut([[{ id: 2, at: '', collection: 'attacks', doc: 'x', patient: ADA, kind: 'conflict', detail: {} }], { 2: 'It has changed since.' }], ['conflicts', 'unwilling'])
  old.close()

  const store = phone('patient', old.name)
  expect((await store.decisions.open()).map(c => c.unwilling)).toEqual([{ message: 'It has changed since.', data: {} }])
  expect((await read(store, 'attacks')).map(r => r.note).sort()).toEqual(['known', 'unsent'])
  expect(await store.outbox()).toEqual({ waiting: 1, refused: 0, held: 0 })
  await store.exchange(server.remote)
  expect(server.requests[0]).toMatchObject({ device: 'phone-of-ada', cursor: null, ack: cursor, push: [{ n: 7, state: { note: 'unsent' } }] })
  expect(await read(store, 'goals')).toEqual([goal])
  expect(server.docs('attacks').map(d => d.note).sort()).toEqual(['known', 'unsent'])
  expect(await store.compareWith({ exchange: server.remote, digest: server.digest })).toEqual([])

  const asked = server.requests.length
  await (await reopen(store)).exchange(server.remote) // once is enough
  expect(server.requests[asked]!.cursor).not.toBeNull()
})

test('a change that a patient reports goes to the server; a goal of the plan is the clinic\'s', async () => {
  const store = phone()
  const server = fakeServer()
  const goal = server.put('goals', { id: newId(), patient: ADA, patient_words: 'Play with my girl' })
  await save(store, { collection: 'change_reports', row: { id: newId(), patient: ADA, reason: 'work_change', happened_on: '2026-01-05' } })
  await store.exchange(server.remote)
  expect(server.docs('change_reports')).toMatchObject([{ reason: 'work_change' }])
  const copy = server.backup()
  await save(store, { collection: 'change_reports', row: { id: newId(), patient: ADA, reason: 'illness', happened_on: '2026-01-06' } })
  await store.exchange(server.remote)
  server.restore(copy)
  await store.exchange(server.remote)
  expect(server.docs('change_reports').map(d => d.reason).sort()).toEqual(['illness', 'work_change'])
  expect(server.requests.flatMap(r => r.push).filter(p => p.state.id === goal.id)).toEqual([]) // also after a restore it is not sent
})

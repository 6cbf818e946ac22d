import 'fake-indexeddb/auto'
import { afterEach, expect, test } from 'vitest'
import { fakeServer } from '../exchange.fake'
import { newId } from '../id'
import { openStore, type Store } from '../store'
import type { InstrumentResponse } from '../types'
import { answer, begin, draftOf, finish, responseOf, say, total } from './draft'
import { score, type Fault } from './score'

const ADA = 'adaadaadaadaada'
const opened: Store[] = []
function phone(name = newId()) {
  const store = openStore(name, 'patient')
  opened.push(store)
  return store
}
afterEach(() => opened.splice(0).forEach(store => store.close()))

const rows = (store: Store) =>
  new Promise<InstrumentResponse[]>(resolve => {
    const stop = store.watch(r => r.instrument_responses.toArray(), (found: InstrumentResponse[]) => (resolve(found), setTimeout(() => stop())))
  })
const begun = async (store: Store, instrument: string) => {
  const { id, write } = await begin(await rows(store), ADA, { instrument, occasion: 'start', of: 'planplanplanpla' })
  await store.write(write)
  return id
}

test('half answered without a network, put down, resumed, finished, scored, and then sent', async () => {
  let store = phone()
  const server = fakeServer()
  const id = await begun(store, 'midas')
  await store.write(answer(id, 'q1', 10))
  await store.write(answer(id, 'q2', 5))
  expect(score(responseOf((await rows(store))[0]!)).status).toBe('draft')
  store.close()
  store = phone(store.name) // the app was killed
  expect(await begun(store, 'midas')).toBe(id) // the same one goes on
  expect((await rows(store))[0]!.answers).toEqual({ q1: 10, q2: 5 })
  for (const [item, n] of [['q3', 3], ['q4', 2], ['q5', 1]] as const) await store.write(answer(id, item, n))
  await store.write(finish(id))
  const row = (await rows(store))[0]!
  expect(score(responseOf(row)).scores[0]).toMatchObject({ value: 21, band: 'IVa' })
  expect(draftOf([row], 'midas', 'start')).toBeUndefined()
  await store.exchange(server.remote)
  expect(server.docs('instrument_responses')).toMatchObject([{ id, answers: { q1: 10, q5: 1 }, version: '1', source: 'phone' }])
})

test('two activities are too few to hand in, and stay', async () => {
  const store = phone()
  const id = await begun(store, 'psfs')
  await store.write(say(id, 'a1', 'carry my girl'))
  await store.write(answer(id, 'a1', 3))
  await store.write(answer(id, 'a2', 5))
  let faults: Fault[] = []
  await store.write(finish(id, found => (faults = found)))
  expect(faults).toEqual([{ code: 'E_ANSWER_FEW', field: 'mean' }])
  expect((await rows(store))[0]).toMatchObject({ answered_at: '', answers: { a1: 3, a2: 5 }, words: { a1: 'carry my girl' } })
  await store.write(answer(id, 'a3', 4))
  await store.write(finish(id, found => (faults = found)))
  expect([faults, score(responseOf((await rows(store))[0]!)).scores[0]!.value]).toEqual([[], 4])
})

test('an answer taken back is missing, not zero', async () => {
  const store = phone()
  const id = await begun(store, 'phq4')
  for (const item of ['q1', 'q2', 'q3', 'q4']) await store.write(answer(id, item, 0))
  await store.write(answer(id, 'q4', null))
  await store.write(finish(id))
  const result = score(responseOf((await rows(store))[0]!))
  expect([result.status, result.missing]).toEqual(['incomplete', ['q4']])
})

test('two phones without a network begin one questionnaire, and it is one row', async () => {
  const [phone1, tablet] = [phone(), phone()]
  const [a, b] = [await begun(phone1, 'midas'), await begun(tablet, 'midas')]
  expect(a).toBe(b)
  expect(a).toMatch(/^[a-z0-9]{15,36}$/)
  const other = await begin([], ADA, { instrument: 'midas', occasion: 'start', of: 'anotherplan' })
  expect(other.id).not.toBe(a)
})

test('a total takes the place of answers, and answers that of a total', async () => {
  const store = phone()
  const id = await begun(store, 'midas')
  await store.write(answer(id, 'q1', 10))
  await store.write(total(id, 'total', 21))
  expect((await rows(store))[0]).toMatchObject({ answers: {}, totals: { total: 21 } })
  await store.write(answer(id, 'q1', 4))
  expect((await rows(store))[0]).toMatchObject({ answers: { q1: 4 }, totals: null })
})

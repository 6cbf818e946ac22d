import 'fake-indexeddb/auto'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fakeServer } from './exchange.fake'
import { newId } from './id'
import { openStore, type Store } from './store'
import { keepInSync } from './sync'
import type { Entry } from './types'
import { Busy, SignedOut, type Server } from './wire'

const ADA = 'adaadaadaadaada'
vi.setConfig({ testTimeout: 30_000 })
let store: Store
let keeper: ReturnType<typeof keepInSync> | undefined
beforeEach(() => {
  vi.stubGlobal('navigator', {}) // a page without locks
  vi.stubGlobal('window', new EventTarget())
  vi.stubGlobal('document', Object.assign(new EventTarget(), { hidden: false }))
  store = openStore(newId(), 'patient')
})
afterEach(() => {
  keeper?.stop()
  store.close()
  vi.unstubAllGlobals()
})

const attack = () => ({ collection: 'attacks', row: { id: newId(), patient: ADA, started_at: '2026-01-05 14:00:00.000Z' } }) as Entry
const log = () => store.write(() => [attack()])
const keep = (server: Partial<Server>) => (keeper = keepInSync(store, { conflicts: async () => [], resolve: async () => {}, ...server } as Server, () => () => {}, () => {}))
const eventually = (ok: () => unknown) => vi.waitFor(() => expect(ok()).toBeTruthy(), { timeout: 15_000, interval: 20 })

test('what is said while both sides are compared is sent without a further tap', async () => {
  const server = fakeServer()
  let release = () => {}
  const held = new Promise<void>(done => (release = done))
  let comparing = false
  keep({ exchange: server.remote, digest: async collection => ((comparing = true), await held, server.digest(collection)) })
  await eventually(() => comparing)
  await log()
  await new Promise(done => setTimeout(done, 100)) // the outbox is watched
  release()
  await eventually(() => server.docs('attacks').length === 1)
})

test('what is said while an exchange is under way is sent with the next', async () => {
  const server = fakeServer()
  let release = () => {}
  let asked = 0
  keep({ exchange: async request => (asked++ || (await new Promise<void>(done => (release = done))), server.remote(request)), digest: server.digest })
  await eventually(() => asked === 1)
  await log()
  await new Promise(done => setTimeout(done, 100))
  release()
  await eventually(() => server.docs('attacks').length === 1)
})

test('signed out it sends nothing; back online it tries at once', async () => {
  const server = fakeServer()
  let answer: () => void = () => { throw new SignedOut() }
  let asked = 0
  keep({ exchange: async request => (asked++, answer(), server.remote(request)), digest: server.digest })
  await log()
  await eventually(() => asked > 0)
  answer = () => {}
  window.dispatchEvent(new Event('online'))
  await eventually(() => server.docs('attacks').length === 1)
})

test('a server that asks for quiet is left in peace', async () => {
  let asked = 0
  keep({ exchange: async () => (asked++, Promise.reject(new Busy(60_000))) })
  await eventually(() => asked === 1)
  await log()
  window.dispatchEvent(new Event('online'))
  await new Promise(done => setTimeout(done, 200))
  expect(asked).toBe(1)
})

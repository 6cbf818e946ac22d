import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Store } from './store'
import { keepInSync } from './sync'
import { Busy, EraseDevice, SignedOut, type Remote, type Server } from './wire'

let page: EventTarget
let stop = () => {}
beforeEach(() => {
  vi.useFakeTimers()
  page = new EventTarget()
  vi.stubGlobal('window', page)
  vi.stubGlobal('document', Object.assign(new EventTarget(), { hidden: false }))
  vi.stubGlobal('navigator', {})
})
afterEach(() => {
  stop()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const outbox = { waiting: 0, held: 0 }
const never = () => new Promise<never>(() => {})

/** A phone with nothing to say, and a server that answers each exchange as told. */
function phone(...answers: (() => Promise<unknown>)[]) {
  let asked = 0
  let compare: (() => Promise<string[]>) | undefined
  let tap = () => {}
  const filed: unknown[] = []
  const exchange = (async () => ((answers[Math.min(asked++, answers.length - 1)] as () => Promise<unknown>)())) as unknown as Remote
  const store = {
    name: 'anna',
    exchange: async (remote: Remote) => (filed.push(await remote({} as never)), false),
    outbox: async () => outbox,
    watchOutbox: (told: (outbox: object) => void) => ((tap = () => told({ ...outbox, waiting: 1 })), () => {}),
    compared: async () => ({ at: compare ? 0 : Date.now() }),
    compareWith: () => compare!(),
    decisions: { waiting: async () => 0, settle: async () => false },
  } as unknown as Store
  const said: Record<string, unknown>[] = []
  const kept = keepInSync(store, { exchange, conflicts: async () => [] } as unknown as Server, () => () => {}, status => said.push(status as never))
  stop = kept.stop
  return { filed, asked: () => asked, said: () => said.at(-1)!, tap: () => tap(), dueToCompare: (how: typeof compare) => (compare = how) }
}
const settle = () => vi.advanceTimersByTimeAsync(0)
const fine = async () => ({})

test('an exchange that hangs is given up when the phone comes online, and the next one starts at once', async () => {
  const p = phone(never, fine)
  await settle()
  expect(p.asked()).toBe(1)
  page.dispatchEvent(new Event('online'))
  await settle()
  expect(p.asked()).toBe(2)
  expect(p.said()).toMatchObject({ problem: '', reached: Date.now() })
})

test('an exchange that hangs when the network goes is tried again by itself, also if nobody says that it is back', async () => {
  const p = phone(never, fine)
  await settle()
  page.dispatchEvent(new Event('offline'))
  await vi.advanceTimersByTimeAsync(5_000)
  expect(p.asked()).toBe(2)
})

test('a phone that is to be erased hears so at once, whatever was under way', async () => {
  const p = phone(never, async () => {
    throw new EraseDevice()
  })
  await settle()
  page.dispatchEvent(new Event('online'))
  await settle()
  expect(p.said()).toMatchObject({ erase: true })
})

test('a server that asks for quiet is left in peace, over another network too', async () => {
  const p = phone(async () => {
    throw new Busy(600_000)
  }, fine)
  await vi.advanceTimersByTimeAsync(60_000)
  page.dispatchEvent(new Event('online'))
  p.tap()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(p.asked()).toBe(1)
  await vi.advanceTimersByTimeAsync(600_000)
  expect(p.asked()).toBe(2)
})

test('what is said while both sides are compared is sent without a further tap', async () => {
  const p = phone(fine)
  let alike = (_: string[]) => {}
  p.dueToCompare(() => new Promise(done => (alike = done)))
  await settle()
  p.tap()
  p.dueToCompare(undefined)
  alike([])
  await settle()
  expect(p.asked()).toBe(2)
})

test('signed out it asks no more by itself', async () => {
  const p = phone(async () => {
    throw new SignedOut()
  })
  await vi.advanceTimersByTimeAsync(600_000)
  expect(p.asked()).toBe(1)
  expect(p.said()).toMatchObject({ signedOut: true })
})

test('an answer that comes after it was given up is not filed', async () => {
  let late = (_: unknown) => {}
  const p = phone(() => new Promise(done => (late = done)), async () => 'the second')
  await settle()
  page.dispatchEvent(new Event('online'))
  await settle()
  late('the first')
  await vi.advanceTimersByTimeAsync(1_000)
  expect(p.filed).toEqual(['the second'])
  expect(p.asked()).toBe(2)
})

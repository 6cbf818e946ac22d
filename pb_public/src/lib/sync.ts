import { NOT_YET, type SyncStatus } from './outbox'
import type { Store } from './store'
import { Busy, EraseDevice, OldApp, SignedOut, type Server } from './wire'

const SOON = 3_000
const LATER = 30_000
const LONG = 5 * 60_000
const DAY = 86_400_000

/** Keeps phone and server alike for as long as the page lives: on every change here, there, or of the network. */
export function keepInSync(store: Store, server: Server, onPoke: (poke: () => void) => () => void, onStatus: (status: SyncStatus) => void) {
  const status = { ...NOT_YET }
  const report = (change: Partial<SyncStatus>) => onStatus({ ...Object.assign(status, change) })

  let running = false
  let again = false
  let stopped = false
  let asked = false // for open conflicts, since the page was opened
  let failingSince = 0
  let next = Infinity // when to try by itself
  let quietUntil = 0 // the server has asked for quiet
  let giveUp = () => {} // what is on its way

  async function sync() {
    if (stopped || Date.now() < quietUntil) return
    if (running) return void (again = true)
    running = true
    do {
      again = false
      const lost = new Promise<never>((_, fail) => (giveUp = () => fail(new Error('another network'))))
      lost.catch(() => {}) // nobody may be waiting
      await once(over(server, lost)).catch(failed)
    } while (again && !stopped && Date.now() >= quietUntil)
    running = false
  }

  /** What was asked over a network that is gone may never be answered: it is not waited for. Sent twice, it is stored once. */
  function elsewhere() {
    giveUp()
    sync()
  }

  const once = (server: Server) =>
    oneAtATime(`exchange ${store.name}`, async () => {
      const conflict = await store.exchange(server.exchange)
      const { waiting, held } = await succeeded()
      await lookAtConflicts(server, conflict)
      const due = Date.now() - ((await store.compared())?.at ?? 0) > DAY
      if (due && !waiting && !held && crypto.subtle && (await store.compareWith(server)).length) again = true // never to false: somebody may have asked meanwhile
    })

  async function lookAtConflicts(server: Server, news: boolean) {
    if (asked && !news && !(await store.decisions.waiting())) return
    const taken = await store.decisions.settle(server)
    asked = true
    again ||= taken // a decision may have changed a row
  }

  async function succeeded() {
    const outbox = await store.outbox()
    failingSince = 0
    next = outbox.waiting ? Date.now() + LATER : Infinity // what the server could not store now
    report({ ...outbox, reached: Date.now(), signedOut: false, outdated: false, problem: '' })
    return outbox
  }

  function failed(problem: unknown) {
    if (problem instanceof EraseDevice) return report({ erase: true })
    const now = Date.now()
    failingSince ||= now
    if (problem instanceof Busy) quietUntil = now + problem.wait + Math.random() * SOON // not all phones at once
    next = problem instanceof SignedOut ? Infinity : problem instanceof Busy ? quietUntil : now + (problem instanceof OldApp ? LONG : now - failingSince < LONG ? SOON : LATER)
    report({ signedOut: problem instanceof SignedOut, outdated: problem instanceof OldApp, problem: String(problem) })
  }

  const stops = [
    store.watchOutbox(outbox => (report(outbox), outbox.waiting && sync())),
    onPoke(sync),
    every(1_000, () => Date.now() >= next && sync()),
    on(window, 'online', elsewhere),
    on(window, 'offline', () => giveUp()),
    on(document, 'visibilitychange', () => document.hidden || sync()),
  ]
  sync()
  const look = () => ((asked = false), sync())
  return { sync, look, stop: () => ((stopped = true), stops.forEach(stop => stop())) }
}

/** The server, for as long as this network lasts. */
const over = (server: Server, lost: Promise<never>) =>
  Object.fromEntries(Object.entries(server).map(([name, ask]) => [name, (...asked: never[]) => Promise.race([(ask as (...asked: never[]) => Promise<unknown>)(...asked), lost])])) as Server

/** Among all tabs of this browser; a page without https has no locks and is alone. */
const oneAtATime = (name: string, work: () => Promise<void>) => (navigator.locks ? navigator.locks.request(name, work) : work())

function every(ms: number, action: () => void) {
  const timer = setInterval(action, ms)
  return () => clearInterval(timer)
}

function on(target: EventTarget, event: string, action: () => void) {
  target.addEventListener(event, action)
  return () => target.removeEventListener(event, action)
}

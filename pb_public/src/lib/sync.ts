import type { Outbox, Store } from './store'
import { SignedOut, type Remote } from './wire'

/** `reached` is when the server last answered; `problem` is empty while it does. */
export type SyncStatus = Outbox & { reached: number; signedOut: boolean; problem: string }

export const NOT_YET: SyncStatus = { waiting: 0, refused: 0, reached: 0, signedOut: false, problem: '' }

const SOON = 3_000
const LATER = 30_000
const LONG = 5 * 60_000

/** Keeps phone and server alike for as long as the page lives: on every change here, there, or of the network. */
export function keepInSync(store: Store, remote: Remote, onPoke: (poke: () => void) => () => void, onStatus: (status: SyncStatus) => void) {
  const status = { ...NOT_YET }
  const report = (change: Partial<SyncStatus>) => onStatus({ ...Object.assign(status, change) })

  let running = false
  let again = false
  let failingSince = 0
  let lastTry = 0

  async function sync() {
    if (running) return void (again = true)
    running = true
    do {
      again = false
      lastTry = Date.now()
      try {
        await oneAtATime(`exchange ${store.name}`, () => store.exchange(remote))
        failingSince = 0
        report({ ...(await store.outbox()), reached: Date.now(), signedOut: false, problem: '' })
      } catch (problem) {
        failingSince ||= Date.now()
        report({ signedOut: problem instanceof SignedOut, problem: String(problem) })
      }
    } while (again)
    running = false
  }

  function retry() {
    const pause = Date.now() - failingSince < LONG ? SOON : LATER
    if (status.problem && !status.signedOut && Date.now() - lastTry >= pause) sync()
  }

  const stops = [
    store.watchOutbox(outbox => (report(outbox), outbox.waiting && sync())),
    onPoke(sync),
    every(1_000, retry),
    on(window, 'online', sync),
    on(document, 'visibilitychange', () => document.hidden || sync()),
  ]
  sync()
  return () => stops.forEach(stop => stop())
}

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

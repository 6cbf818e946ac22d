// What the phone exchanges with the clinic's server, and how it hears that there is news.
import { ask, auth, keep, Refused, RENEWED, status, user, type Auth } from './api'
import { share, type Poke } from './line'
import { Busy, EraseDevice, OldApp, SignedOut, SyncReset, TooLarge, Unwilling, type Conflict, type Digest, type Server } from './wire'

const DAY = 86_400_000
const SOON = 3_000
const LONG = 60_000

/**
 * The server as one account's phone asks it. Another tab may have signed in as somebody else: then this account is signed
 * out here, and nothing of hers goes under the other name.
 */
export function serverFor(owner: string): Server {
  async function mine<T>(path: string, body?: object): Promise<T> {
    const { token, record } = auth()
    if (record?.id !== owner) throw new SignedOut()
    return ask<T>(path, body, token).catch(problem => {
      throw understood(problem)
    })
  }
  return {
    async exchange(request) {
      const answer = await mine<Awaited<ReturnType<Server['exchange']>>>('/api/sync/exchange', request)
      renew().catch(() => {})
      return answer
    },
    digest: collection => mine<Digest>(`/api/sync/digest?collection=${collection}`),
    conflicts: async () => (await mine<{ conflicts: Conflict[] }>('/api/sync/conflicts')).conflicts,
    resolve: (id, take) =>
      mine<void>(`/api/sync/conflicts/${id}/resolve`, { take }).catch(problem => {
        if (status(problem) === 404) return // decided elsewhere
        throw problem instanceof Refused && [400, 409, 422].includes(problem.status) ? new Unwilling(problem.message, problem.data) : problem
      }),
  }
}

/** What a refusal of the whole request means for the phone. */
function understood(problem: unknown) {
  if (!(problem instanceof Refused)) return problem
  switch (problem.status) {
    case 401: return new SignedOut()
    case 409: return problem.data.E_SYNC_RESET ? new SyncReset() : problem
    case 410: return new EraseDevice()
    case 413: return new TooLarge()
    case 426: return new OldApp()
    case 429: case 503: return new Busy(millis(problem.wait))
  }
  return problem
}

/** Retry-After: seconds or a date. */
function millis(wait: string | null) {
  const seconds = Number(wait ?? NaN)
  const pause = Number.isNaN(seconds) ? Date.parse(wait ?? '') - Date.now() : seconds * 1000
  return Math.min(Math.max(pause || 0, 5_000), 600_000)
}

/** A session in use does not run out. */
async function renew() {
  if (Date.now() - Number(localStorage.getItem(RENEWED)) < DAY) return
  localStorage.setItem(RENEWED, String(Date.now()))
  const { token, record } = auth()
  const fresh = await ask<Auth>('/api/collections/users/auth-refresh', {}, token)
  if (auth().record?.id === record?.id) keep(fresh)
}

export const listen = (topic: string, onPoke: (poke: Poke | null) => void) => share(connect, topic, user()?.id ?? '', onPoke)

/** PocketBase's event stream: a client id first, then what it wants to hear of. It never gives up, and asks ever more rarely. */
async function connect(topic: string, onPoke: (poke: Poke | null) => void, onLive: (live: boolean) => void) {
  let line: EventSource
  let over = false
  let wait = SOON
  function dial() {
    if (over) return
    line = new EventSource('/api/realtime')
    line.addEventListener('PB_CONNECT', event =>
      ask('/api/realtime', { clientId: JSON.parse(event.data).clientId, subscriptions: [topic] }).then(() => {
        wait = SOON
        onLive(true)
        onPoke(null) // what fell into the gap
      }, again),
    )
    line.addEventListener(topic, event => onPoke(JSON.parse(event.data)))
    line.onerror = () => (line.readyState === line.CLOSED ? again() : onLive(false)) // the browser itself tries again, until it does not
  }
  function again() {
    line.close()
    onLive(false)
    setTimeout(dial, wait)
    wait = Math.min(2 * wait, LONG)
  }
  dial()
  return () => ((over = true), line.close())
}

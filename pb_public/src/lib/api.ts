// The clinic's server as a patient's phone asks it, on plain fetch: the SDK would be a sixth of what has to be there before
// the first tap. The pages of the clinic ask through server.ts.
import { share, type Poke } from './line'
import { Busy, OldApp, SignedOut, SyncReset, TooLarge, Unwilling, type Broken, type Conflict, type Digest, type Server } from './wire'

/** The token lies in localStorage, so a start without network is a signed-in start; under the SDK's name for it. */
const AUTH = 'interictal-auth-app'
const RENEWED = 'interictal-renewed'
const DAY = 86_400_000

export type User = { id: string; email: string; name: string; patient: string }
export type Me = { patient: { clinic: { emergencyNumber: string } } | null }
type Auth = { token: string; record: User | null }

const auth = (): Auth => JSON.parse(localStorage.getItem(AUTH) ?? 'null') ?? { token: '', record: null }
const keep = ({ token, record }: Auth) => localStorage.setItem(AUTH, JSON.stringify({ token, record }))

/** Who was last signed in here, also when the session is over. */
export const user = () => auth().record

/** What the server answered when it did not do as it was asked. */
class Refused extends Error {
  constructor(readonly status: number, message: string, readonly data: Broken, readonly wait: string | null) {
    super(message)
  }
}

export async function ask<T>(path: string, body?: object, token = auth().token): Promise<T> {
  const request: RequestInit = { headers: { Authorization: token, ...(body && { 'Content-Type': 'application/json' }) }, signal: AbortSignal.timeout(30_000) }
  const answer = await fetch(path, body ? { ...request, method: 'POST', body: JSON.stringify(body) } : request)
  const said = await answer.json().catch(() => ({})) // some answers have no words
  if (!answer.ok) throw new Refused(answer.status, said.message ?? '', said.data ?? {}, answer.headers.get('Retry-After'))
  return said
}

export const signIn = async (identity: string, password: string) => keep(await ask('/api/collections/users/auth-with-password', { identity, password }, ''))

export const join = async (code: string, email: string, password: string, consents: string[]) =>
  keep(await ask('/api/invitations/accept', { code, email, password, consents }, ''))

export function signOut() {
  localStorage.removeItem(AUTH)
  localStorage.removeItem(RENEWED)
}

export const fetchMe = () => ask<Me>('/api/me')

/** 0: the server was not reached. */
export const status = (problem: unknown) => (problem instanceof Refused ? problem.status : 0)

/** The server's own words, when it has said something a person can read. */
export const words = (problem: unknown) =>
  problem instanceof Refused ? Object.values(problem.data).map(b => b.message).filter(Boolean).join(' ') || problem.message : ''

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
        throw [400, 409, 422].includes(status(problem)) ? new Unwilling(words(problem)) : problem
      }),
  }
}

/** What a refusal of the whole request means for the phone. */
function understood(problem: unknown) {
  if (!(problem instanceof Refused)) return problem
  switch (problem.status) {
    case 401: return new SignedOut()
    case 409: return problem.data.E_SYNC_RESET ? new SyncReset() : problem
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

/** PocketBase's event stream: a client id first, then what it wants to hear of. */
function connect(topic: string, onPoke: (poke: Poke | null) => void, onLive: (live: boolean) => void) {
  const open = new Promise<() => void>((opened, failed) => {
    const line = new EventSource('/api/realtime')
    line.addEventListener('PB_CONNECT', async event => {
      try {
        await ask('/api/realtime', { clientId: JSON.parse(event.data).clientId, subscriptions: [topic] })
        onLive(true)
        onPoke(null) // what fell into the gap
        opened(() => line.close())
      } catch (problem) {
        line.close()
        failed(problem)
      }
    })
    line.addEventListener(topic, event => onPoke(JSON.parse(event.data)))
    // the browser tries again by itself; where it gives up, the tab does
    line.onerror = () => (onLive(false), line.readyState === line.CLOSED && failed(new Error('no line')))
  })
  return open
}

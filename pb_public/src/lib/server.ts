// The only module that knows the server's address.
import PocketBase, { ClientResponseError, LocalAuthStore } from 'pocketbase'
import type { Collection } from './types'
import { Busy, OldApp, SignedOut, SyncReset, TooLarge, Unwilling, type Answer, type Conflict, type Digest, type Server } from './wire'

/**
 * The token lives in localStorage, so a start without network is a signed-in start. Each app has its own: a therapist who
 * is also a patient has two worlds.
 */
export const pb = new PocketBase(location.origin, new LocalAuthStore(`interictal-auth-${location.pathname.split('/')[1]}`))
pb.autoCancellation(false)

const DAY = 86_400_000
const RENEWED = 'interictal-renewed'

export type User = { id: string; email: string; name: string; patient: string }
export type Me = {
  user: { id: string; name: string; email: string }
  patient: { id: string; name: string; timezone: string; clinic: { id: string; name: string; timezone: string; emergencyNumber: string } } | null
  practitioner: { id: string; role: string; clinic: { id: string; name: string; timezone: string } }[]
}

/** Who was last signed in here, also when the session is over. */
export const user = () => pb.authStore.record as unknown as User | null

export const signedIn = () => pb.authStore.isValid

export const signIn = (email: string, password: string) => pb.collection('users').authWithPassword(email, password)

export async function join(code: string, email: string, password: string, consents: string[]) {
  const { token, record } = await pb.send('/api/invitations/accept', { method: 'POST', body: { code, email, password, consents } })
  pb.authStore.save(token, record)
}

export function signOut() {
  pb.authStore.clear()
  localStorage.removeItem(RENEWED)
}

export const fetchMe = (): Promise<Me> => pb.send('/api/me', {})

export const status = (problem: unknown) => (problem instanceof ClientResponseError ? problem.status : -1)

/** The server's own words, when it has said something a person can read. */
export const words = (problem: unknown) => {
  if (!(problem instanceof ClientResponseError) || !problem.status) return ''
  const broken = Object.values((problem.response.data ?? {}) as Record<string, { message?: string }>)
  return broken.map(b => b.message).filter(Boolean).join(' ') || String(problem.response.message ?? '')
}

/**
 * The server as one account's phone asks it. Another tab may have signed in as somebody else: then this account is signed
 * out here, and nothing of hers goes under the other name.
 */
export function serverFor(owner: string): Server {
  async function ask(path: string, options: { method?: string; body?: object } = {}) {
    const { token, record } = pb.authStore
    if (record?.id !== owner) throw new SignedOut()
    let wait: string | null = null
    const hear = async (...request: Parameters<typeof fetch>) => {
      const answer = await fetch(...request)
      wait = answer.headers.get('Retry-After')
      return answer
    }
    const timeout = AbortSignal.timeout(30_000)
    return pb.send(path, { ...options, headers: { Authorization: token }, fetch: hear, signal: timeout }).catch(problem => {
      throw understood(problem, wait)
    })
  }
  return {
    async exchange(request): Promise<Answer> {
      const answer = await ask('/api/sync/exchange', { method: 'POST', body: request })
      renew().catch(() => {})
      return answer
    },
    digest: (collection: Collection): Promise<Digest> => ask(`/api/sync/digest?collection=${collection}`),
    conflicts: async (): Promise<Conflict[]> => (await ask('/api/sync/conflicts')).conflicts,
    resolve: (id, take) =>
      ask(`/api/sync/conflicts/${id}/resolve`, { method: 'POST', body: { take } }).catch(problem => {
        if (status(problem) === 404) return // decided elsewhere
        throw [400, 409, 422].includes(status(problem)) ? new Unwilling(words(problem)) : problem
      }),
  }
}

/** What a refusal of the whole request means for the phone. */
function understood(problem: unknown, wait: string | null) {
  switch (status(problem)) {
    case 401: return new SignedOut()
    case 409: return (problem as ClientResponseError).response.data?.E_SYNC_RESET ? new SyncReset() : problem
    case 413: return new TooLarge()
    case 426: return new OldApp()
    case 429: case 503: return new Busy(millis(wait))
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
  await pb.collection('users').authRefresh()
}

export type Poke = { action: string; record?: { id: string; collectionName: string; patient: string } }
type News = { poke: Poke | null } | { live: boolean } | 'hello'

/**
 * Hears whenever something may have changed on the server, also after every reconnect: what falls into a gap is never
 * sent again, so a poke means "ask what is new", not "this is what is new". One tab listens for all, because over HTTP/1.1
 * a browser gives a server six connections in all.
 */
export function listen(topic: string, onPoke: (poke: Poke | null) => void, onLive: (live: boolean) => void = () => {}) {
  const name = `${topic} ${user()?.id}`
  const tabs = new BroadcastChannel(name)
  const end = new AbortController()
  const ended = new Promise(done => end.signal.addEventListener('abort', done))
  let listening = false
  let live = false

  function hear(news: News) {
    if (news === 'hello') return void (listening && tabs.postMessage({ live } satisfies News))
    if ('live' in news) onLive(news.live)
    else onPoke(news.poke)
  }
  const tell = (news: Exclude<News, 'hello'>) => end.signal.aborted || (hear(news), tabs.postMessage(news))
  const tellLive = (now: boolean) => tell({ live: (live = now) })

  async function hold(): Promise<void> {
    listening = true
    pb.realtime.onDisconnect = () => tellLive(false)
    try {
      const stops = await Promise.all([
        pb.realtime.subscribe('PB_CONNECT', () => (tellLive(true), tell({ poke: null }))),
        pb.realtime.subscribe(topic, (poke: Poke) => tell({ poke })),
      ])
      tellLive(true)
      await ended
      for (const stop of stops) stop().catch(() => {})
    } catch {
      tellLive(false)
      await Promise.race([ended, new Promise(wait => setTimeout(wait, 3_000))])
      if (!end.signal.aborted) return hold()
    }
  }

  tabs.onmessage = event => hear(event.data)
  tabs.postMessage('hello' satisfies News)
  if (navigator.locks) navigator.locks.request(`listen ${name}`, { signal: end.signal }, hold).catch(() => {})
  else hold()
  return () => (end.abort(), tabs.close())
}

// The only module that knows the server's address.
import PocketBase, { ClientResponseError, LocalAuthStore } from 'pocketbase'
import { SignedOut, SyncReset, type Remote } from './wire'

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

export const exchange: Remote = async request => {
  try {
    const answer = await pb.send('/api/sync/exchange', { method: 'POST', body: request, signal: AbortSignal.timeout(30_000) })
    renew().catch(() => {})
    return answer
  } catch (problem) {
    if (status(problem) === 401) throw new SignedOut()
    if (problem instanceof ClientResponseError && problem.response.data?.E_SYNC_RESET) throw new SyncReset()
    throw problem
  }
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
  const tell = (news: Exclude<News, 'hello'>) => (hear(news), tabs.postMessage(news))
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

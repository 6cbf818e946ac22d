// The server as the clinic's pages ask it, with PocketBase's own SDK. The patient's phone asks through api.ts.
import PocketBase, { ClientResponseError, LocalAuthStore } from 'pocketbase'
import { share, type Connect, type Poke } from './line'

export type { Poke } from './line'

/**
 * The token lives in localStorage, so a start without network is a signed-in start. Each app has its own: a therapist who
 * is also a patient has two worlds.
 */
export const pb = new PocketBase(location.origin, new LocalAuthStore(`interictal-auth-${location.pathname.split('/')[1]}`))
pb.autoCancellation(false)

export type User = { id: string; email: string; name: string; patient: string }

/** Who was last signed in here, also when the session is over. */
export const user = () => pb.authStore.record as unknown as User | null

export const signedIn = () => pb.authStore.isValid

export const signIn = (email: string, password: string) => pb.collection('users').authWithPassword(email, password)

/** Where mail is set, staff get a code by mail: what it takes to send it back. */
export async function signInStaff(email: string, password: string) {
  try {
    await signIn(email, password)
    return null
  } catch (problem) {
    const mfaId = problem instanceof ClientResponseError ? (problem.response.mfaId as string | undefined) : undefined
    if (!mfaId) throw problem
    return { mfaId, otpId: (await pb.collection('users').requestOTP(email)).otpId }
  }
}

export const confirmOtp = ({ mfaId, otpId }: { mfaId: string; otpId: string }, code: string) => pb.collection('users').authWithOTP(otpId, code, { mfaId })

export const signOut = () => pb.authStore.clear()

export const status = (problem: unknown) => (problem instanceof ClientResponseError ? problem.status : -1)

/** The server's own words, when it has said something a person can read. */
export const words = (problem: unknown) => {
  if (!(problem instanceof ClientResponseError) || !problem.status) return ''
  const broken = Object.values((problem.response.data ?? {}) as Record<string, { message?: string }>)
  return broken.map(b => b.message).filter(Boolean).join(' ') || String(problem.response.message ?? '')
}

export const listen = (topic: string, onPoke: (poke: Poke | null) => void, onLive: (live: boolean) => void = () => {}) =>
  share(connect, topic, user()?.id ?? '', onPoke, onLive)

const connect: Connect = async (topic, onPoke, onLive) => {
  pb.realtime.onDisconnect = () => onLive(false)
  const stops = await Promise.all([
    pb.realtime.subscribe('PB_CONNECT', () => (onLive(true), onPoke(null))),
    pb.realtime.subscribe(topic, onPoke),
  ])
  onLive(true)
  return () => void stops.forEach(stop => stop().catch(() => {}))
}

// Web push on this phone: the browser's push service is asked for an address, and the clinic's server is told it. What a push shows
// lies in a cache, in the app's language, where the service worker finds it with no app open.
import { ask, auth } from '../../lib/api'
import { text } from './text'

const PUSH = 'interictal-push'
const WORDS = 'interictal-words'

/** The endpoint that the server knows, and the id of its row. */
type Known = { endpoint: string; id: string }
const known = (): Known | null => JSON.parse(localStorage.getItem(PUSH) ?? 'null')
export const isPushed = () => !!known()
export const canPush = () => 'PushManager' in globalThis && 'Notification' in globalThis && !!navigator.serviceWorker
export const isDenied = () => globalThis.Notification?.permission === 'denied'

export async function turnOn(patient: string): Promise<'on' | 'denied' | 'failed'> {
  if ((await Notification.requestPermission()) !== 'granted') return 'denied'
  try {
    const registration = await navigator.serviceWorker.ready
    const { key } = await ask<{ key: string }>('/api/push/key')
    const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })
    await tell(patient, subscription)
    return 'on'
  } catch {
    return 'failed' // no signal, or the browser's push service does not answer
  }
}

async function tell(patient: string, subscription: PushSubscription) {
  const { endpoint, keys } = subscription.toJSON()
  const { id } = await ask<{ id: string }>('/api/collections/push_subscriptions/records', { patient, endpoint, p256dh: keys!.p256dh, auth: keys!.auth })
  localStorage.setItem(PUSH, JSON.stringify({ endpoint, id }))
  await keepWords()
}

const keepWords = async () => (await caches.open(WORDS)).put('/app/reminder', new Response(JSON.stringify(text.push)))

/** With no signal the browser's own address ends all the same: the push service then tells the server that it is gone. */
export async function turnOff() {
  const told = known()
  if (!told) return
  localStorage.removeItem(PUSH)
  await caches.delete(WORDS)
  const registration = await navigator.serviceWorker?.getRegistration()
  await (await registration?.pushManager?.getSubscription())?.unsubscribe()
  await fetch(`/api/collections/push_subscriptions/records/${told.id}`, { method: 'DELETE', headers: { Authorization: auth().token }, signal: AbortSignal.timeout(5_000) }).catch(() => {})
}

/** A browser may change its address while nobody looks; and the words follow the app's language. */
export async function renew(patient: string) {
  const told = known()
  if (!told || !canPush() || Notification.permission !== 'granted') return
  const registration = await navigator.serviceWorker.ready
  const now = await registration.pushManager.getSubscription()
  if (now?.endpoint === told.endpoint) return keepWords()
  if (now) return tell(patient, now)
  await turnOn(patient)
}

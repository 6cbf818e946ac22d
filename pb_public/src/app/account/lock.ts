// A lock against a glance, not against a thief: it hides what is on the screen and encrypts nothing, and says so. An attack can
// be noted without it.
import { LOCK } from '../locked'

const ROUNDS = 200_000
const TRIES = 5
const WAIT = 30_000

type Lock = { salt: string; hash: string; wrong: number; until: number }

const read = (): Lock | null => JSON.parse(localStorage.getItem(LOCK) ?? 'null')
const write = (lock: Lock) => localStorage.setItem(LOCK, JSON.stringify(lock))

export const takeLockOff = () => localStorage.removeItem(LOCK)

export const fits = (pin: string) => /^\d{4,12}$/.test(pin)

export async function setLock(pin: string) {
  const salt = hex(crypto.getRandomValues(new Uint8Array(16)))
  write({ salt, hash: await stretch(pin, salt), wrong: 0, until: 0 })
}

/** Milliseconds to wait before the next try: after five wrong ones, half a minute each. */
export const waits = (now: number) => Math.max(0, (read()?.until ?? 0) - now)

export async function opens(pin: string, now: number) {
  const lock = read()
  if (!lock) return true
  if (waits(now)) return false
  const right = (await stretch(pin, lock.salt)) === lock.hash
  const wrong = right ? 0 : lock.wrong + 1
  write({ ...lock, wrong, until: wrong >= TRIES ? now + WAIT : 0 })
  return right
}

async function stretch(pin: string, salt: string) {
  const bytes = new TextEncoder()
  const key = await crypto.subtle.importKey('raw', bytes.encode(pin), 'PBKDF2', false, ['deriveBits'])
  return hex(new Uint8Array(await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: bytes.encode(salt), iterations: ROUNDS }, key, 256)))
}

const hex = (bytes: Uint8Array) => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')

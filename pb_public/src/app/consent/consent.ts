// What the clinic says about what it may see, and whether she is to be asked anew: her yes names the text that it was given to.
import { ask } from '../../lib/api'
import type { Consent, Entry } from '../../lib/types'

export type ConsentText = { version: string; body: string; retired: boolean; created: string }

/** The app's own words have this name (hooks/consent_texts.go). */
export const OWN = '2026-01'

const current = (texts: readonly ConsentText[]) => texts.find(t => !t.retired) // the newest first, as the server has them
export const inForce = (texts: readonly ConsentText[]) => current(texts)?.version ?? OWN

const alive = (rows: readonly Consent[]) => rows.filter(c => !c._deleted)
const given = (rows: readonly Consent[]) => alive(rows).filter(c => c.state === 'given')

/** The clinic's text that a yes of hers does not name yet; where it has none, nothing is asked. */
export function toRead(texts: readonly ConsentText[], rows: readonly Consent[]): ConsentText | null {
  const now = current(texts)
  return now && given(rows).some(c => c.version !== now.version) ? now : null
}

/** What her yes was given to so far; '' for words that are not the clinic's. */
export function before(texts: readonly ConsentText[], rows: readonly Consent[], now: ConsentText) {
  const last = new Map<string, string>()
  for (const c of given(rows)) if (c.version !== now.version && c.decided_at >= (last.get(c.version) ?? '')) last.set(c.version, c.decided_at)
  return [...last].map(([version, at]) => ({ version, body: texts.find(t => t.version === version)?.body ?? '', at }))
}

/** She has read it: all that she has decided stays as it is, and names the new text. */
export const readIt = (rows: readonly Consent[], { version }: ConsentText, decided_at: string): Entry[] =>
  alive(rows).map(({ id }) => ({ collection: 'consents', row: { id, version, decided_at, source: 'patient' } }))

// --- as the clinic last told it, for when there is no signal

const KEPT = 'interictal-consent'
const DAY = 86_400_000
type Kept = { user: string; at: number; texts: ConsentText[] }

function kept(user: string): Kept | null {
  const last: Kept | null = JSON.parse(localStorage.getItem(KEPT) ?? 'null')
  return last?.user === user ? last : null
}
export const textsKept = (user: string) => kept(user)?.texts ?? null
export function isOld(user: string, now: number) {
  const age = now - (kept(user)?.at ?? NaN)
  return !(age >= 0 && age < DAY)
}

export async function fetchTexts(user: string, now = Date.now()): Promise<ConsentText[]> {
  const { items } = await ask<{ items: ConsentText[] }>('/api/collections/consent_texts/records?fields=version,body,retired,created&sort=-created,-@rowid&perPage=200&skipTotal=1')
  localStorage.setItem(KEPT, JSON.stringify({ user, at: now, texts: items } satisfies Kept))
  return items
}

// What the clinic's system says of the months with a plan, as it is told to the person it is about. It reckons; here it is only read.
import type { Num } from '../../lib/types'

type Rate = { value: Num; days: number }
export const NUMBERS = ['mhd28', 'modSevere28', 'attacks28', 'acuteDays28', 'interictalNeckDays28'] as const
export type Name = (typeof NUMBERS)[number]
type Window = { window: string; from: string; to: string } & Partial<Record<Name, Rate | null>>
type Difference = { low: Num; high: Num }

/** The part of `GET /api/patients/{id}/progress` that is shown. */
export type Answer = {
  windows: Window[]
  responder: { base: string; now: string }
  numbers: { headacheDays: { now: { window: string; difference: Difference } | null } }
}
/** Days with medium or strong pain in 28, in a word (IHS: no day, fewer than 4, 4 to 6, more). */
export type Level = 'none' | 'fine' | 'fair' | 'low'
export type Held = { from: string; to: string; value: Num; days: number; level: Level | null }
export type Line = { name: Name; before: Rate | null; now: Rate | null }
/** `change`: whether the difference in headache days is beyond usual ups and downs; '' when that cannot be said. */
export type Told = { from: string; to: string; change: 'fewer' | 'more' | 'unsure' | ''; lines: Line[] }

/** Window by window, the newest last. */
export const heldIn = (windows: readonly Window[]): Held[] =>
  windows.flatMap(w => (w.modSevere28 ? [{ from: w.from, to: w.to, value: w.modSevere28.value, days: w.modSevere28.days, level: levelOf(w.modSevere28.value) }] : []))

export const levelOf = (days: Num): Level | null => (days === null ? null : days === 0 ? 'none' : days < 4 ? 'fine' : days <= 6 ? 'fair' : 'low')

/** null while the plan has not run for four weeks. */
export function told({ windows, responder, numbers: { headacheDays } }: Answer): Told | null {
  const [before, now] = [responder.base, responder.now].map(name => windows.find(w => w.window === name))
  if (!now) return null
  const lines = NUMBERS.map(name => ({ name, before: rate(before?.[name]), now: rate(now[name]) }))
  const difference = headacheDays.now?.window === now.window ? headacheDays.now.difference : { low: null, high: null }
  return { from: now.from, to: now.to, change: changeOf(difference), lines }
}

const rate = (r: Rate | null | undefined): Rate | null => (r ? { value: r.value, days: r.days } : null)
const changeOf = ({ low, high }: Difference) => (low === null || high === null ? '' : high < 0 ? 'fewer' : low > 0 ? 'more' : 'unsure')

// --- as it was last told, for a phone without signal

const KEPT = 'interictal-progress'
export type Kept = { user: string; at: number; told: Told | null; held?: Held[] }

export const keep = (kept: Kept) => localStorage.setItem(KEPT, JSON.stringify(kept))
export function kept(user: string): Kept | null {
  const last: Kept | null = JSON.parse(localStorage.getItem(KEPT) ?? 'null')
  return last?.user === user ? last : null
}

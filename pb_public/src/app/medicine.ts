// Medicine days of the last 30, from the rows on this phone. The rules are lib/medication's.
import { monthOf, type Month, type Use } from '../lib/medication/use'
import type { Store } from '../lib/store'
import { day, daysBefore, instant } from '../lib/time'
import type { Dose } from '../lib/types'
import { type View } from './diary'
import { entriesOf } from './timeline'
import { viewBetween } from './writes'

type Read = Parameters<Parameters<Store['write']>[0]>[0]

/** A day more on each side: a day elsewhere begins at another hour. */
export const monthFor = async (read: Read, now: number): Promise<Month> =>
  monthOf(entriesOf(await viewBetween(read, daysBefore(31, now), daysBefore(-1, now))), day(now))

/** The class that is nearest to its limit, for one line on the first screen. */
export const nearest = ({ byClass }: Pick<Month, 'byClass'>): (Use & { limit: number }) | undefined =>
  byClass.filter((u): u is Use & { limit: number } => u.limit !== null && u.days > 0).sort((a, b) => b.days / b.limit - a.days / a.limit)[0]

// --- two hours after a dose: asked in one quiet line, for a day, and not again once somebody has been there

const HOUR = 3_600_000
const UNASKED = 'interictal-unasked'
const unasked = (): string[] => JSON.parse(localStorage.getItem(UNASKED) ?? '[]')
export const leaveInPeace = (dose: string) => localStorage.setItem(UNASKED, JSON.stringify([dose, ...unasked().filter(id => id !== dose)].slice(0, 20)))

/** The newest dose against an attack of which nobody has said what came of it. */
export function effectDue({ doses, medications }: Pick<View, 'doses' | 'medications'>, now: number): Dose | undefined {
  const acute = (d: Dose) => medications.some(m => m.id === d.medication && m.indication !== 'preventive')
  const ago = (d: Dose) => now - instant(d.taken_at)
  return doses.find(d => ago(d) >= 2 * HOUR && ago(d) < 24 * HOUR && d.worked === null && d.pain_2h == null && acute(d) && !unasked().includes(d.id))
}

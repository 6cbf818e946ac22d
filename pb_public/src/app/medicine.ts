// Medicine days of the last 30, from the rows on this phone. The rules are lib/medication's.
import { monthOf, type Month, type Use } from '../lib/medication/use'
import type { Store } from '../lib/store'
import { day, daysBefore } from '../lib/time'
import { viewBetween } from './diary'
import { entriesOf } from './timeline'

type Read = Parameters<Parameters<Store['write']>[0]>[0]

/** A day more on each side: a day elsewhere begins at another hour. */
export const monthFor = async (read: Read, now: number): Promise<Month> =>
  monthOf(entriesOf(await viewBetween(read, daysBefore(31, now), daysBefore(-1, now))), day(now))

/** The class that is nearest to its limit, for one line on the first screen. */
export const nearest = ({ byClass }: Pick<Month, 'byClass'>): (Use & { limit: number }) | undefined =>
  byClass.filter((u): u is Use & { limit: number } => u.limit !== null && u.days > 0).sort((a, b) => b.days / b.limit - a.days / a.limit)[0]

// What this phone held when it was last looked at, noted beside the database: a browser that is short of room throws the
// database away without a word, and then the person must hear of it. Where it throws this away too, nobody can tell.
import type { Store } from '../lib/store'

export type Held = { count: number; waiting: number }

const nameOf = (user: string) => `interictal-held-${user}`

export const note = (user: string, held: Held) => localStorage.setItem(nameOf(user), JSON.stringify(held))
export const forget = (user: string) => localStorage.removeItem(nameOf(user))

/** What was here and is gone; null when nothing is. */
export async function lost(user: string, store: Pick<Store, 'isNew'>): Promise<Held | null> {
  const held: Held | null = JSON.parse(localStorage.getItem(nameOf(user)) ?? 'null')
  return held?.count && (await store.isNew()) ? held : null
}

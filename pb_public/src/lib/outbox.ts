// What waits to be sent, in which order, and what waits for something else first.
import type { Base, LocalTables } from './tables'
import { COLLECTIONS, POINTERS, type Collection } from './types'
import type { Doc } from './wire'

/** `refused` need the person; `held` point at a row that is not taken yet and go when it is. */
export type Outbox = { waiting: number; refused: number; held: number }

/** `reached` is when the server last answered; `problem` is empty while it does. */
export type SyncStatus = Outbox & { reached: number; signedOut: boolean; outdated: boolean; problem: string; erase?: boolean }

export const NOT_YET: SyncStatus = { waiting: 0, refused: 0, held: 0, reached: 0, signedOut: false, outdated: false, problem: '' }

export const nameOf = ({ collection, id }: { collection: string; id: string }) => `${collection},${id}`

export type Sorted = { ready: Base[]; held: Base[] }

/** The outbox without what was refused and without `putOff`, owners first. */
export async function sortOutbox(tables: LocalTables, putOff: ReadonlySet<string> = new Set()): Promise<Sorted> {
  const entries = (await tables.base.toArray()).sort((a, b) => place(a) - place(b))
  const [stopped, missing] = await notThere(tables, entries, putOff)
  const sorted: Sorted = { ready: [], held: [] }
  for (const entry of entries.filter(e => !stopped.has(nameOf(e)))) {
    const row = missing.size && !entry.gone ? await tables.rows(entry.collection).get(entry.id) : undefined
    const waits = row && pointsAt(missing, entry.collection, row)
    if (waits && !there(entry)) missing.add(nameOf(entry))
    sorted[waits ? 'held' : 'ready'].push(entry)
  }
  return sorted
}

/** Whether a row points at one that the server has never taken, and does not take now. */
export async function ownerMissing(tables: LocalTables, collection: Collection, row: Doc, putOff: ReadonlySet<string>) {
  if (!POINTERS[collection]) return false
  const [, missing] = await notThere(tables, await tables.base.toArray(), putOff)
  return pointsAt(missing, collection, row)
}

/** What is not sent now, and which of it the server has never had. */
async function notThere({ refused }: LocalTables, entries: Base[], putOff: ReadonlySet<string>) {
  const stopped = new Set([...(await refused.toCollection().primaryKeys()).map(String), ...putOff])
  return [stopped, new Set(entries.filter(e => !there(e) && stopped.has(nameOf(e))).map(nameOf))] as const
}

/** As far as this phone has heard, the server has the row. */
const there = ({ base, theirs }: Base) => !!(theirs ?? base) && !(theirs ?? base)!._deleted

const pointsAt = (names: ReadonlySet<string>, collection: Collection, row: Doc) =>
  (POINTERS[collection] ?? []).some(p => names.has(`${p.to},${row[p.field]}`))

export async function countOutbox(tables: LocalTables): Promise<Outbox> {
  const [all, refused] = await Promise.all([tables.base.count(), tables.refused.count()])
  const held = refused && all > refused ? (await sortOutbox(tables)).held.length : 0
  return { waiting: all - refused - held, refused, held }
}

/** An owner is made before the rows that point at it, and removed after them. */
const place = ({ collection, gone }: Base) => (gone ? 2 * COLLECTIONS.length - COLLECTIONS.indexOf(collection) : COLLECTIONS.indexOf(collection))

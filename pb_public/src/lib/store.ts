// The patient's data on this phone: what the person says, what the screens see. What the server says is in exchange.ts.
import { liveQuery } from 'dexie'
import { openDecisions } from './decisions'
import { changed } from './merge'
import { countOutbox, type Outbox } from './outbox'
import { openTables, type Base, type Key, type Reader, type Refused } from './tables'
import { COLLECTIONS, type Collection, type Entry } from './types'
import type { Doc, Remote, Server } from './wire'

export type { Outbox } from './outbox'

/** A refused entry with the row as the person wrote it and as the server has it, if it has one. */
export type RefusedEntry = Refused & { row: Doc; theirs: Doc | null }

export type Store = ReturnType<typeof openStore>

export function openStore(name: string, as: 'patient' | 'staff' = 'patient', at?: IDBFactory) {
  const tables = openTables(name, at)
  const { db, rows, read, base, refused, atomic, snapshot, recall, keep, remember } = tables
  // the first tap does not wait for what talks to the server
  const talk = once(() => import('./exchange').then(({ openExchange }) => openExchange(tables, as)))
  const exchange = async (remote: Remote) => (await talk()).exchange(remote)
  const decisions = openDecisions(tables)

  // --- what the person says

  /**
   * Makes the entries and files them in one local transaction: when this resolves, they are on the disk and in the outbox.
   * Gives back the entries that would take it all back.
   */
  const write = (make: (read: Reader) => Entry[] | Promise<Entry[]>) =>
    atomic(async () => {
      const undo: Entry[] = []
      for (const entry of await make(read)) undo.unshift(await file(entry))
      return undo
    })

  async function file({ collection, row }: Entry): Promise<Entry> {
    const [now, waiting] = await Promise.all([rows(collection).get(row.id), base.get([collection, row.id])])
    const next: Doc = { _deleted: false, ...now, ...row }
    // a row brought back after its removal was sent is a new row: with its old base it would look like an old copy
    const reborn = waiting ? waiting.sent && waiting.gone && !next._deleted : !now
    if (reborn) delete next.rev
    await refused.delete([collection, row.id]) // said again, it is tried again
    if (!now || changed(now, next).length) {
      await rows(collection).put(next)
      const entry = waiting ?? { collection, id: row.id, base: now ?? null, n: null, sent: false, gone: false }
      await queue(reborn ? { ...entry, base: null } : entry, next)
    }
    return { collection, row: now ? before(now, row) : { id: row.id, _deleted: true } } as Entry
  }

  async function queue(entry: Base, next: Doc) {
    const { collection, id } = entry
    // back to what the server knows, or never told it: then there is nothing to send
    const nothing = !entry.sent && (entry.base ? !changed(entry.base, next).length : next._deleted)
    if (!nothing) return void (await base.put({ ...entry, n: null, gone: !!next._deleted, seen: next._deleted ? (await recall()).cursor : undefined }))
    await base.delete([collection, id])
    await keep(collection, id, entry.theirs ?? entry.base)
  }

  /** Sends a refused entry once more as it is. */
  const sendAgain = (collection: Collection, id: string) => refused.delete([collection, id])

  /** Gives up an entry the server does not accept: the row is again what the server has. Gives back what would undo it. */
  const discard = async (collection: Collection, id: string) => (await import('./discard')).discard(tables, file, collection, id)

  // --- what the screens see

  const watch = <T>(query: (read: Reader) => Promise<T>, onChange: (value: T) => void) => {
    const subscription = liveQuery(() => query(read)).subscribe(onChange)
    return () => subscription.unsubscribe()
  }

  const outbox = (): Promise<Outbox> => snapshot(() => countOutbox(tables))

  /** How many rows there are, without reading them: what is removed here and not yet at the clinic is known by its entry. */
  const count = () =>
    snapshot(async () => {
      const all = await Promise.all(COLLECTIONS.map(c => rows(c).count()))
      const going = await Promise.all((await base.filter(e => e.gone).toArray()).map(e => rows(e.collection).get(e.id)))
      return all.reduce((a, b) => a + b) - going.filter(row => row?._deleted).length
    })

  const refusedEntries = () =>
    snapshot(async (): Promise<RefusedEntry[]> => {
      const entries = await refused.toArray()
      const bases = await base.bulkGet(entries.map((e): Key => [e.collection, e.id]))
      const states = await Promise.all(entries.map(e => rows(e.collection).get(e.id)))
      return entries.flatMap((e, i) => (states[i] ? [{ ...e, row: states[i], theirs: alive(bases[i]?.theirs ?? bases[i]?.base) }] : []))
    })

  /** Asks the server whether both hold the same. Where they do not, also after a fresh exchange, everything goes and comes anew. */
  async function compareWith({ digest, exchange: remote }: Pick<Server, 'digest' | 'exchange'>) {
    const { compare } = await import('./compare') // once a day
    let different = await compare(tables, digest)
    if (different.length) await exchange(remote), (different = await compare(tables, digest))
    if (different.length) await (await talk()).startOver(different)
    await remember({ compared: { at: Date.now(), same: !different.length } })
    return different
  }

  return {
    /** What both sides hold of each collection, for the person to see. */
    proof: async (digest: Server['digest']) => (await import('./compare')).proof(tables, digest),
    /** Every row as it lies here, for the person to take along. */
    everything: () => snapshot(async () => Object.fromEntries(await Promise.all(COLLECTIONS.map(async c => [c, (await rows(c).toArray()).filter(row => !row._deleted)] as const))) as Record<Collection, Doc[]>),
    name, write, exchange, sendAgain, discard, watch, outbox, refusedEntries, compareWith, decisions,
    watchOutbox: (onChange: (outbox: Outbox) => void) => watch(outbox, onChange),
    row: (collection: Collection, id: string) => rows(collection).get(id),
    isNew: async () => !(await recall()).device,
    compared: async () => (await recall()).compared,
    count,
    close: () => db.close(),
    erase: () => db.delete(),
  }
}

const once = <T>(make: () => Promise<T>) => {
  let made: Promise<T> | undefined
  return () => (made ??= make().catch(problem => ((made = undefined), Promise.reject(problem))))
}

const alive = (doc?: Doc | null) => (doc && !doc._deleted ? doc : null)

/** The fields of `row` as they were; a removed row comes back whole, because by then the phone may have let it go. */
function before(now: Doc, row: { id: string; _deleted?: boolean }): Doc {
  if (row._deleted) return { ...now }
  return { ...Object.fromEntries(Object.keys(row).map(field => [field, now[field]])), id: row.id }
}

// The patient's data on this phone.
//
// A row that was changed here has an entry in `base`: what the server last said about it. So the outbox is exactly the
// set of rows with a base, and an entry leaves it only when the server has said what became of it.
import Dexie, { liveQuery, type Table } from 'dexie'
import { newId } from './id'
import { changed, merge } from './merge'
import { COLLECTIONS, READ_ONLY, type Collection, type Entry, type Tables } from './types'
import { SyncReset, type Answer, type Broken, type Doc, type Position, type Remote, type Request, type Verdict } from './wire'

/** `n` is the number under which exactly this state goes to the server; a later change takes it away again. */
type Base = { collection: Collection; id: string; base: Doc | null; theirs?: Doc; n: number | null; sent: boolean; gone: boolean }

export type Refused = { collection: Collection; id: string; message: string; data: Broken; at: number }
export type Outbox = { waiting: number; refused: number }

type Meta = { device: string; n: number; cursor: Position | null; ack: Position | null; reset: boolean }
type Reader = { [C in Collection]: Table<Tables[C], string> }
type Key = [Collection, string]

const PUSH = 200
const PULL = 500
const WRITABLE = COLLECTIONS.filter(c => !READ_ONLY.includes(c))
const EXTRA_INDEX: Partial<Record<Collection, string>> = {
  diary_days: 'day', attacks: 'started_at', attack_readings: 'attack', attack_phases: 'attack', medication_doses: 'attack, taken_at',
}

export type Store = ReturnType<typeof openStore>

export function openStore(name: string) {
  const db = new Dexie(name, { chromeTransactionDurability: 'strict' })
  db.version(1).stores({
    ...Object.fromEntries(COLLECTIONS.map(c => [c, ['id', 'patient', EXTRA_INDEX[c]].filter(Boolean).join(', ')])),
    base: '[collection+id]',
    refused: '[collection+id]',
    meta: '',
  })
  const rows = (collection: Collection) => db.table<Doc, string>(collection)
  const read = Object.fromEntries(COLLECTIONS.map(c => [c, db.table(c)])) as Reader
  const base = db.table<Base, Key>('base')
  const refused = db.table<Refused, Key>('refused')
  const meta = db.table('meta')

  const atomic = <T>(work: () => Promise<T>) => db.transaction('rw', db.tables, work)

  async function remember(change: Partial<Meta>) {
    await meta.bulkPut(Object.values(change), Object.keys(change))
  }
  async function recall(): Promise<Meta> {
    const [device, n = 0, cursor = null, ack = null, reset = false] = await meta.bulkGet(['device', 'n', 'cursor', 'ack', 'reset'])
    return { device, n, cursor, ack, reset }
  }

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
    if (!now || changed(now, next).length) {
      await refused.delete([collection, row.id])
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
    if (!nothing) return void (await base.put({ ...entry, n: null, gone: !!next._deleted }))
    await base.delete([collection, id])
    await keep(collection, id, entry.theirs ?? entry.base)
  }

  // --- what the server says

  /** Sends the outbox and fetches what is new, until there is neither. */
  async function exchange(remote: Remote) {
    let resets = 0
    for (let more = true; more; ) {
      const request = await outgoing()
      const answer = await remote(request).catch(async problem => {
        if (!(problem instanceof SyncReset) || resets++) throw problem
        await startOver()
      })
      if (answer) more = await incoming(request, answer)
    }
  }

  const outgoing = () =>
    atomic(async (): Promise<Request> => {
      const { device = newId() + newId(), n, cursor, ack, reset } = await recall()
      const push: Request['push'] = []
      let last = 0
      let top = n
      for (const entry of reset ? [] : await nextToSend()) {
        const state = (await rows(entry.collection).get(entry.id))!
        // numbers rise along the request, so that a row's owner is settled before the row
        const number = entry.n && entry.n > last ? entry.n : ++top
        push.push({ n: (last = number), collection: entry.collection, base: entry.base, state })
        // a retry changes nothing here, or it would look like news and call for the next one
        if (!entry.sent || entry.n !== number) await base.put({ ...entry, n: number, sent: true })
      }
      await remember({ device, n: top })
      return { device, schema: 1, cursor, ack, limit: PULL, push }
    })

  async function nextToSend() {
    const [entries, no] = await Promise.all([base.toArray(), refused.toCollection().primaryKeys()])
    const stopped = new Set(no.map(String))
    return entries
      .filter(e => !stopped.has(`${e.collection},${e.id}`))
      .sort((a, b) => place(a) - place(b))
      .slice(0, PUSH)
  }

  /** Files one answer in one local transaction. Gives back whether there is more to send or to fetch. */
  const incoming = ({ push, cursor }: Request, answer: Answer) =>
    atomic(async () => {
      const { reset } = await recall()
      const sent = new Map(push.map(p => [p.n, p]))
      const verdicts = answer.verdicts.filter(v => sent.has(v.n))
      if (!cursor) await Promise.all(READ_ONLY.map(c => rows(c).clear()))
      for (const verdict of verdicts) await settle(sent.get(verdict.n)!, verdict)
      await take(answer.changes)
      for (const { patient } of answer.revoked) await forget(patient)
      await remember({ cursor: answer.cursor, ack: answer.ack, reset: reset && answer.more })
      return answer.more || ((verdicts.length > 0 || reset) && (await nextToSend()).length > 0)
    })

  async function settle({ collection, n, state }: Request['push'][number], { verdict, doc, data, message }: Verdict) {
    const key: Key = [collection, state.id]
    const entry = await base.get(key)
    if (!entry) return
    if (entry.n !== n) return overtaken(entry, state, doc)
    if (verdict === 'refused') {
      await refused.put({ collection, id: state.id, message: message ?? '', data: data ?? {}, at: Date.now() })
      return void (await base.put({ ...entry, theirs: doc ?? entry.theirs }))
    }
    await base.delete(key)
    const result = verdict === 'handedOver' ? null : (doc ?? (state._deleted ? null : state))
    await keep(collection, state.id, result)
  }

  /**
   * The row was changed again while it was on the wire: what was said since stays in the outbox, on top of the server's
   * answer. Where that does not fit, the row goes again from its old base, and the server names the conflict.
   */
  async function overtaken(entry: Base, sent: Doc, doc?: Doc | null) {
    if (!doc || doc._deleted) return
    const { collection, id } = entry
    const { row, conflicts } = merge(sent, (await rows(collection).get(id))!, doc)
    if (conflicts.length) return void (await base.put({ ...entry, theirs: doc }))
    await rows(collection).put(row)
    if (changed(doc, row).length) await base.put({ collection, id, base: doc, n: null, sent: false, gone: !!row._deleted })
    else await base.delete([collection, id])
  }

  /** News about a row in the outbox wait for the verdict on it: only the server merges, so that no value is lost unseen. */
  async function take(changes: Answer['changes']) {
    const waiting = await base.bulkGet(changes.map(c => [c.collection, c.doc.id] as Key))
    for (const collection of COLLECTIONS) {
      const news = changes.flatMap((c, i) => (c.collection === collection && !waiting[i] ? [c.doc] : []))
      await rows(collection).bulkPut(news.filter(d => !d._deleted))
      await rows(collection).bulkDelete(news.filter(d => d._deleted).map(d => d.id))
    }
    await base.bulkPut(changes.flatMap((c, i) => (waiting[i] ? [{ ...waiting[i], theirs: c.doc }] : [])))
  }

  /** The right to this patient's rows has ended. What is still unsent goes when the server has it handed over. */
  async function forget(patient: string) {
    for (const collection of COLLECTIONS) {
      const gone = await rows(collection).where(collection === 'patients' ? 'id' : 'patient').equals(patient).primaryKeys()
      const keys = gone.map((id): Key => [collection, id])
      const [waiting, no] = await Promise.all([base.bulkGet(keys), refused.bulkGet(keys)])
      const erase = keys.filter((_, i) => !waiting[i] || no[i])
      await Promise.all([rows(collection).bulkDelete(erase.map(([, id]) => id)), base.bulkDelete(erase), refused.bulkDelete(erase)])
    }
  }

  /** The server does not know our position: fetch everything, then send every row again. */
  const startOver = () =>
    atomic(async () => {
      await remember({ cursor: null, ack: null, reset: true })
      for (const collection of WRITABLE) {
        const all = await rows(collection).toArray()
        await base.bulkPut(all.map(row => ({ collection, id: row.id, base: null, n: null, sent: true, gone: !!row._deleted })))
      }
    })

  /** Gives up an entry the server does not accept: the row is again what the server has. */
  const discard = (collection: Collection, id: string) =>
    atomic(async () => {
      const entry = await base.get([collection, id])
      await Promise.all([base.delete([collection, id]), refused.delete([collection, id])])
      await keep(collection, id, entry?.theirs ?? entry?.base ?? null)
    })

  const keep = (collection: Collection, id: string, doc: Doc | null) =>
    doc && !doc._deleted ? rows(collection).put(doc) : rows(collection).delete(id)

  // --- what the screens see

  const watch = <T>(query: (read: Reader) => Promise<T>, onChange: (value: T) => void) => {
    const subscription = liveQuery(() => query(read)).subscribe(onChange)
    return () => subscription.unsubscribe()
  }

  async function outbox(): Promise<Outbox> {
    const [all, no] = await Promise.all([base.count(), refused.count()])
    return { waiting: all - no, refused: no }
  }

  return {
    name, write, exchange, discard, watch, outbox,
    watchOutbox: (onChange: (outbox: Outbox) => void) => watch(outbox, onChange),
    refusedEntries: async () => {
      const entries = await refused.toArray()
      return Promise.all(entries.map(async e => ({ ...e, row: (await rows(e.collection).get(e.id))! })))
    },
    count: async () => (await Promise.all(COLLECTIONS.map(c => rows(c).count()))).reduce((a, b) => a + b),
    close: () => db.close(),
    erase: () => db.delete(),
  }
}

/** An owner is made before the rows that point at it, and removed after them. */
const place = ({ collection, gone }: Base) => (gone ? 2 * COLLECTIONS.length - COLLECTIONS.indexOf(collection) : COLLECTIONS.indexOf(collection))

/** The fields of `row` as they were; a removed row comes back whole, because by then the phone may have let it go. */
function before(now: Doc, row: { id: string; _deleted?: boolean }): Doc {
  if (row._deleted) return { ...now }
  return { ...Object.fromEntries(Object.keys(row).map(field => [field, now[field]])), id: row.id }
}

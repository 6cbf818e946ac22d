/**
 * WatermelonDB 0.28 on an Interictal server: the arguments for the library's own synchronize().
 *
 *   await synchronize({ database, ...interictal({ database, url, token }) })
 *
 * One call at a time. Tables are in the order of GET /api/sync/schema; each needs a text column `rev`, which only the sync
 * writes. The library alone would lose work; what it does not do is done here:
 *
 *  - A pull leaves a row with unsent changes alone. Its rev goes on naming the version the person saw, so the server merges
 *    column by column, and its answer to the push brings the merged row. What loses is listed at GET /api/sync/conflicts.
 *  - A deletion names that version too, so it does not beat a change that the person never saw: the row comes back. Nor does
 *    it take along rows that hang on it and came after (`seen`).
 *  - When a patient is no longer the caller's, unsent rows go to the care team (salvage) before they are erased here.
 *  - When the server was restored from a backup, it first gets everything this device holds, and gives nothing away unseen.
 *  - Ids are lower case: the library's own are refused.
 */
import { Q, type Database, type DirtyRaw } from '@nozbe/watermelondb'
import { sanitizedRaw } from '@nozbe/watermelondb/RawRecord'
import type { SyncArgs, SyncPullArgs, SyncPullResult, SyncPushArgs } from '@nozbe/watermelondb/sync'
import { fetchLocalChanges } from '@nozbe/watermelondb/sync/impl'
import { setGenerator } from '@nozbe/watermelondb/utils/common/randomId'

export interface Verdict {
  collection: string
  id: string
  verdict: 'applied' | 'merged' | 'unchanged' | 'conflict' | 'refused' | 'handedOver'
  row: DirtyRaw | null
  fields?: string[]
  message?: string
  data?: Record<string, { code: string; message: string }>
}

export interface Options {
  database: Database
  /** The server's address. */
  url: string
  /** The token of the sign-in. */
  token: () => string | Promise<string>
  /** The own diary (`patient`), or the caller's patients (`staff`): one database holds one of the two. */
  as?: 'patient' | 'staff'
  /** Conflicts, refusals and what was handed over, to show to the person. A refused row stays unsent until it is changed. */
  told?: (verdicts: Verdict[]) => void
}

/** A request that the server refused as a whole: nothing was stored, everything is still here. */
export class Refused extends Error {
  constructor(readonly status: number, readonly data: Record<string, unknown>, message: string) {
    super(message)
  }
}

type Unsent = { table: string; raw: DirtyRaw; list: 'created' | 'updated' | 'deleted' }
type Outcome = { table: string; id: string; row: DirtyRaw | null; sent?: DirtyRaw }
type Changes = Record<string, { created: DirtyRaw[]; updated: DirtyRaw[]; deleted: string[] }>
type News = { changes: Changes; timestamp: number; epoch: string; reset: boolean; revoked: string[] }
type Pushed = { verdicts: Verdict[]; ack: string }

const PART = 200 // rows in a request: far below the server's 1000 rows and 8 MB
const random = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('')
setGenerator(random)

export function interictal({ database, url, token, as, told }: Options) {
  const tables = Object.keys(database.schema.tables)
  const stored = <T>(key: string) => database.localStorage.get<T>(`interictal_${key}`)
  const store = (key: string, value: string | number) => database.localStorage.set(`interictal_${key}`, value)
  /** Until what was queued has been written. */
  const written = () => database.read(async () => {})

  async function device(): Promise<string> {
    const id = (await stored<string>('device')) ?? random()
    await store('device', id)
    return id
  }

  async function ask<T>(path: string, query: Record<string, unknown>, request?: RequestInit): Promise<T> {
    const params = new URLSearchParams({ schema: '1' })
    for (const [key, value] of Object.entries({ as, ...query })) if (value) params.set(key, String(value))
    const headers = { Authorization: await token(), 'Content-Type': 'application/json', ...request?.headers }
    const response = await fetch(`${url}/api/sync/watermelon${path}?${params}`, { ...request, headers })
    if (response.ok) return response.json()
    const { data = {}, message = '' } = await response.json().catch(() => ({}))
    throw new Refused(response.status, data, message)
  }

  /** Posts rows as changes. The number grows even if this database forgets the last one in a crash. */
  async function post<T>(path: string, rows: Unsent[], query: Record<string, unknown>): Promise<T> {
    const number = Math.max(((await stored<number>('push')) ?? 0) + 1, Date.now() * 1000)
    await store('push', number)
    const changes: Record<string, { created: DirtyRaw[]; updated: DirtyRaw[]; deleted: DirtyRaw[] }> = {}
    for (const { table, raw, list } of rows) {
      changes[table] ??= { created: [], updated: [], deleted: [] }
      changes[table][list].push(raw)
    }
    return ask(path, query, { method: 'POST', headers: { 'X-Device-Id': await device(), 'X-Push-No': `${number}` }, body: JSON.stringify(changes) })
  }

  /** Rows deleted here and not sent yet, as they were: the library tells only their ids. */
  async function deleted(table: string): Promise<DirtyRaw[]> {
    const description = Q.buildQueryDescription([Q.where('_status', 'deleted')])
    const raws = await database.adapter.unsafeQueryRaw({ table, description, associations: [] })
    return raws.map(raw => sanitizedRaw(raw, database.get(table).schema)) // SQLite has 1 and 0 for true and false
  }

  /** Owners before what belongs to them; deletions last, the other way round. */
  function inOrder(rows: Unsent[]): Unsent[] {
    const rank = ({ table, list }: Unsent) => (list === 'deleted' ? 2 * tables.length - tables.indexOf(table) : tables.indexOf(table))
    return rows.sort((a, b) => rank(a) - rank(b))
  }

  async function unsent(changes: Changes): Promise<Unsent[]> {
    const rows: Unsent[] = []
    for (const [table, { created, updated, deleted: ids }] of Object.entries(changes)) {
      const raws = ids.length ? await deleted(table) : []
      for (const raw of created) rows.push({ table, raw, list: 'created' })
      for (const raw of updated) rows.push({ table, raw, list: 'updated' })
      for (const raw of raws) if (ids.includes(raw.id)) rows.push({ table, raw, list: 'deleted' })
    }
    return inOrder(rows)
  }

  /** Whole rows that the server does not have just so: changed here, or of a version it lost or went beyond. */
  async function unlike(changes: Changes): Promise<Unsent[]> {
    const rows: Unsent[] = []
    for (const table of tables) {
      const there = new Map(changes[table]?.updated.map(({ id, rev }) => [id, rev]))
      for (const { _raw } of await database.get(table).query().fetch()) {
        const raw: DirtyRaw = { ..._raw }
        if (raw._status !== 'synced' || raw.rev !== there.get(raw.id)) rows.push({ table, raw, list: 'created' })
      }
      for (const raw of await deleted(table)) rows.push({ table, raw, list: 'deleted' })
    }
    return inOrder(rows)
  }

  /** Takes the server's word for rows, but not for one that the person has changed since it was sent. */
  const settle = (outcomes: Outcome[]) =>
    database.write(async () => {
      for (const table of tables) {
        const all = outcomes.filter(outcome => outcome.table === table)
        if (!all.length) continue
        const collection = database.get(table)
        const here = new Map((await collection.query(Q.where('id', Q.oneOf(all.map(({ id }) => id)))).fetch()).map(model => [model.id, model]))
        const gone = new Set(await database.adapter.getDeletedRecords(table))
        const due = all.filter(({ id, row, sent }) => {
          const local: DirtyRaw | undefined = here.get(id)?._raw
          if (local) return local._status === 'synced' || (sent && Object.keys(sent).every(column => sent[column] === local[column]))
          return !gone.has(id) || !row || sent?._status === 'deleted'
        })
        await database.adapter.destroyDeletedRecords(table, due.map(({ id }) => id).filter(id => gone.has(id)))
        const prepared = due.map(({ id, row }) => {
          const model = here.get(id)
          if (!row) return model?.prepareDestroyPermanently()
          const raw = { _status: 'synced', _changed: '', ...row }
          return model ? model.prepareUpdate(() => { model._raw = sanitizedRaw(raw, collection.schema) }) : collection.prepareCreateFromDirtyRaw(raw)
        })
        await database.batch(...prepared)
      }
    })

  /** A row that the server once had, lost, and does not take back: unsent again, as a whole. */
  const unsaid = (raw: DirtyRaw): DirtyRaw => ({ ...raw, _status: 'updated', _changed: Object.keys(raw).filter(column => /^[a-z]/.test(column) && !['id', 'rev'].includes(column)).join(',') })

  /** Sends rows in parts; gives the ids that the library must not call synced. */
  async function send(rows: Unsent[], place: Record<string, unknown>): Promise<Record<string, string[]>> {
    const rejected: Record<string, string[]> = {}
    for (let i = 0; i < rows.length; i += PART) {
      const part = new Map(rows.slice(i, i + PART).map(row => [`${row.table}/${row.raw.id}`, row]))
      const { verdicts, ack } = await post<Pushed>('', [...part.values()], place)
      const outcomes: Outcome[] = []
      const news: Verdict[] = []
      for (const said of verdicts) {
        const { collection: table, id, verdict, row, data } = said
        const { raw, list } = part.get(`${table}/${id}`)!
        const stays = verdict === 'refused' && list !== 'deleted' // a refused deletion is undone
        const foreign = stays && raw._status === 'synced' && (data?.E_READ_ONLY || data?.E_FORBIDDEN) // somebody else's row, sent after a reset
        if (!stays || foreign) outcomes.push({ table, id, row, sent: raw })
        else if (raw._status === 'synced') outcomes.push({ table, id, row: unsaid(raw), sent: raw })
        if (stays || (list === 'deleted' && row)) (rejected[table] ??= []).push(id)
        if (!foreign && ['conflict', 'refused', 'handedOver'].includes(verdict)) news.push(said)
      }
      await settle(outcomes)
      await store('ack', ack)
      if (news.length) told?.(news)
    }
    return rejected
  }

  /** Gives unsent work on patients who are the caller's no more to the server, then erases it: nothing of them stays here. */
  async function salvage(patients: string[]): Promise<void> {
    const { changes } = await fetchLocalChanges(database)
    const rows = (await unsent(changes as Changes)).filter(({ table, raw }) => patients.includes(table === 'patients' ? raw.id : raw.patient))
    for (let i = 0; i < rows.length; i += PART) {
      const part = rows.slice(i, i + PART)
      const { kept } = await post<{ kept: Record<string, string[]> }>('/salvage', part, {})
      await settle(part.map(({ table, raw }) => ({ table, id: raw.id, row: null, sent: raw })))
      const news = Object.entries(kept).flatMap(([collection, ids]) => ids.map((id): Verdict => ({ collection, id, verdict: 'handedOver', row: null })))
      if (news.length) told?.(news)
    }
  }

  async function pullChanges({ lastPulledAt, migration }: SyncPullArgs): Promise<SyncPullResult> {
    await written()
    const pull = async (headers?: HeadersInit) =>
      ask<News>('', { last_pulled_at: lastPulledAt, epoch: await stored('epoch'), ack: await stored('ack'), everything: migration && 1 }, { headers })
    const erased = await stored<string>('erased')
    let news = await pull(erased ? { 'X-Device-Id': await device(), 'X-Sync-Erased': erased } : {})
    await store('erased', '')
    if (news.reset) {
      for (const key of ['epoch', 'ack', 'seen']) await store(key, '') // no place is good again before all of this is done
      await send(await unlike(news.changes), {})
      news = await pull()
    }
    if (news.revoked.length) await salvage(news.revoked)
    await store('leaving', news.revoked.join())
    await settle(tables.flatMap(table => (news.changes[table]?.deleted ?? []).map(id => ({ table, id, row: null }))))
    const changes = Object.fromEntries(tables.map(table => [table, { created: [], updated: news.changes[table]?.updated ?? [], deleted: [] }]))
    return { changes, timestamp: news.timestamp, epoch: news.epoch } as SyncPullResult
  }

  async function pushChanges({ changes, lastPulledAt }: SyncPushArgs) {
    await written()
    const place = { last_pulled_at: lastPulledAt, epoch: await stored('epoch'), ack: await stored('ack'), seen: await stored('seen') }
    const experimentalRejectedIds = await send(await unsent(changes as Changes), place)
    await database.write(() => look(lastPulledAt))
    return { experimentalRejectedIds }
  }

  /** What was deleted after this had been in view: while a deletion waits, what comes in cannot have been meant by it. */
  async function look(timestamp: number): Promise<void> {
    for (const table of tables) if ((await database.adapter.getDeletedRecords(table)).length) return
    await store('seen', `${await stored('epoch')}:${timestamp}`)
  }

  return {
    pullChanges,
    pushChanges,
    sendCreatedAsUpdated: true,
    conflictResolver: (_table, local, _remote, resolved) => ((local as DirtyRaw)._status === 'synced' ? resolved : local),
    /** Runs once the pulled rows and their timestamp are in: a crash before it costs a harmless reset. */
    onDidPullChanges: ({ epoch, timestamp }: { epoch?: string; timestamp?: number }) =>
      database.write(async () => {
        await store('epoch', epoch ?? '')
        await store('erased', (await stored<string>('leaving')) ?? '') // they are off this device now: the next pull says so
        await look(timestamp ?? 0)
      }),
  } satisfies Partial<SyncArgs>
}

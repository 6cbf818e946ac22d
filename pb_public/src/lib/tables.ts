// The phone's database: one table for each collection, and what the exchange has to remember.
import Dexie, { type Table } from 'dexie'
import { COLLECTIONS, type Collection, type Tables } from './types'
import type { Broken, Conflict, Doc, Position, Take, Told } from './wire'

/**
 * A row that was changed here has one of these: `base` is what the server last said about it, `theirs` what it has said
 * since (a tombstone: it has no such row). So the outbox is exactly the set of rows with a base, and an entry leaves it only when the server has said what
 * became of it. `n` is the number under which exactly this state goes to the server; a later change takes it away again.
 */
export type Base = { collection: Collection; id: string; base: Doc | null; theirs?: Doc; n: number | null; sent: boolean; gone: boolean; seen?: Position | null }

export type Refused = { collection: Collection; id: string; message: string; data: Broken; at: number }
export type Key = [Collection, string]
export type Reader = { [C in Collection]: Table<Tables[C], string> }

/** A row that this phone removed, and the version the server gave that: a server restored from an older copy has to hear it again. */
export type Removed = { collection: Collection; id: string; patient?: string; rev?: string }

export type Meta = {
  device: string
  n: number
  cursor: Position | null
  ack: Position | null
  /** Everything is being fetched again; what waits goes out after that. */
  reset: boolean
  removed: Removed[]
  /** Patients whose rows have to go as soon as nothing of theirs is unsent. */
  leaving: string[]
  /** Patients whose rows are gone, which the server has not heard yet. */
  erased: string[]
  /** When this phone was last compared with the server, and whether it was the same. */
  compared: { at: number; same: boolean } | null
  conflicts: Conflict[]
  decided: { id: number; take: Take }[]
  /** Why a decision could not be, by conflict. */
  unwilling: Record<number, Told | string>
}

const FRESH: Meta = {
  device: '', n: 0, cursor: null, ack: null, reset: false, removed: [], leaving: [], erased: [], compared: null,
  conflicts: [], decided: [], unwilling: {},
}

const EXTRA_INDEX: Partial<Record<Collection, string>> = {
  diary_days: 'day', attacks: 'started_at', attack_readings: 'attack', attack_phases: 'attack', medication_doses: 'attack, taken_at',
  exercise_versions: 'exercise',
}

/** The collections that came with a later version of the database: with version 2, 3, … */
const LATER: readonly Collection[][] = [
  ['goals', 'plan_items', 'change_reports'],
  [
    'medication_effects', 'instrument_responses', 'menstrual_days', 'exercise_versions', 'education_assignments', 'attack_plans',
    'health_facts', 'safety_checks', 'safety_alerts', 'devices', 'neuromod_sessions', 'modality_sessions', 'relaxation_sessions', 'adverse_events', 'care_messages',
  ],
  ['planned_tests', 'cold_screens', 'reminders', 'readiness_answers'],
]

const stores = (collections: readonly Collection[]) =>
  Object.fromEntries(collections.map(c => [c, ['id', 'patient', EXTRA_INDEX[c]].filter(Boolean).join(', ')]))

export type LocalTables = ReturnType<typeof openTables>

export function openTables(name: string, at?: IDBFactory) {
  const db = new Dexie(name, { chromeTransactionDurability: 'strict', ...(at && { indexedDB: at, IDBKeyRange }) })
  db.version(1).stores({ ...stores(COLLECTIONS.filter(c => !LATER.flat().includes(c))), base: '[collection+id]', refused: '[collection+id]', meta: '' })
  // rows that an older app had no table for were passed by its cursor: everything is fetched once more
  LATER.forEach((collections, i) => db.version(i + 2).stores(stores(collections)).upgrade(old => old.table('meta').put(null, 'cursor')))
  const rows = (collection: Collection) => db.table<Doc, string>(collection)
  const meta = db.table('meta')

  return {
    db, rows,
    read: Object.fromEntries(COLLECTIONS.map(c => [c, db.table(c)])) as Reader,
    base: db.table<Base, Key>('base'),
    refused: db.table<Refused, Key>('refused'),

    atomic: <T>(work: () => Promise<T>) => db.transaction('rw', db.tables, work),
    snapshot: <T>(work: () => Promise<T>) => db.transaction('r', db.tables, work),

    remember: (change: Partial<Meta>) => meta.bulkPut(Object.values(change), Object.keys(change)),

    async recall(): Promise<Meta> {
      const [names, values] = await db.transaction('r', meta, () => Promise.all([meta.toCollection().primaryKeys(), meta.toArray()])) // both in the order of the names
      return { ...FRESH, ...Object.fromEntries(names.map((name, i) => [name, values[i]])) } as Meta
    },

    keep: (collection: Collection, id: string, doc: Doc | null) =>
      doc && !doc._deleted ? rows(collection).put(doc) : rows(collection).delete(id),
  }
}

/** Whose row it is. */
export const patientOf = (collection: Collection, doc: { id: string; patient?: string }) => (collection === 'patients' ? doc.id : doc.patient)

// A small headache diary on RxDB: it opens offline, holds the patient profile of ten collections (RxDB's free edition opens 13), and
// keeps it in step through rxdb.ts. The tests run it as it is (e2e/rxdb.mjs). Give it Dexie as storage in a browser or a WebView.
import { addRxPlugin, createRxDatabase, type RxCollection, type RxJsonSchema, type RxStorage } from 'rxdb'
import { RxDBCleanupPlugin } from 'rxdb/plugins/cleanup'
import { InterictalSync, type Doc, type Memory } from './rxdb.ts'

addRxPlugin(RxDBCleanupPlugin) // tombstones leave the device

export interface Diary {
  url: string
  token: () => string
  patient: string // of GET /api/me
  storage: RxStorage<unknown, unknown>
  name?: string // one database for each account: nothing of one person is ever pushed as another
  memory?: Memory
  fetch?: typeof fetch
  retryTime?: number
}

type Row = Omit<Doc, 'id'>
type Published = { collection: string; profile: boolean; jsonSchema: { properties: Record<string, Field>; required: string[] } }
type Field = { type: string | string[]; [key: string]: unknown }

export async function openDiary(diary: Diary) {
  const name = diary.name ?? `diary-${diary.patient}`
  const database = await createRxDatabase({ name, storage: diary.storage, cleanupPolicy: { minimumDeletedTime: 7 * 24 * 60 * 60 * 1000 } })
  const collections: Record<string, RxCollection<Doc>> = await database.addCollections(await schemas(diary))
  const sync = new InterictalSync({ ...diary, as: 'patient', collections: Object.values(collections) })
  const table = (name: string) => {
    const found = collections[name]
    if (!found) throw new Error(`there is no ${name} in the patient profile`)
    return found
  }
  const add = (name: string, fields: Row) => table(name).insert({ id: newId(), patient: diary.patient, ...fields })

  return {
    database,
    sync,
    table,
    add,
    beginAttack: (at: Date, fields: Row = {}) => add('attacks', { started_at: instant(at), ...fields }),
    /** Only the fields that change: what others say about the same row meanwhile stays theirs. */
    change: async (name: string, id: string, fields: Row) => (await table(name).findOne(id).exec(true)).incrementalPatch(fields),
    remove: async (name: string, id: string) => (await table(name).findOne(id).exec(true)).incrementalRemove(),
    /** One row a day, under a name that every device gives it. */
    async saveDay(day: string, fields: Row) {
      const id = diary.patient + day.replaceAll('-', '')
      const known = await table('diary_days').findOne(id).exec()
      return known ? known.incrementalPatch(fields) : table('diary_days').insert({ id, patient: diary.patient, day, ...fields })
    },
    async close() {
      await sync.stop()
      await database.close()
    },
  }
}

/** The server's schemas, kept for the next start without a network. */
async function schemas({ url, token, memory = localStorage, fetch = globalThis.fetch }: Diary) {
  const kept = memory.getItem('interictal/schemas')
  const asked = kept ? undefined : await fetch(`${url}/api/sync/schema`, { headers: { Authorization: token() } })
  if (asked && !asked.ok) throw new Error(`the server answered ${asked.status}`)
  const text = kept ?? (await asked!.text())
  memory.setItem('interictal/schemas', text)
  const published = (JSON.parse(text) as { collections: Published[] }).collections.filter(c => c.profile)
  return Object.fromEntries(published.map(c => [c.collection, { schema: rxSchema(c) }]))
}

/** RxDB keeps `_deleted` itself. What nobody has said is empty, as on the server: "" for text, null for an answer. */
export function rxSchema({ collection, jsonSchema }: Published): RxJsonSchema<Doc> {
  const properties = Object.entries(jsonSchema.properties).filter(([name]) => name !== '_deleted')
  return {
    title: collection,
    version: 0,
    primaryKey: 'id',
    type: 'object',
    properties: Object.fromEntries(properties.map(([name, field]) => [name, name === 'id' ? field : { ...field, default: empty(field) }])),
    required: jsonSchema.required.filter(name => name !== '_deleted'),
  } as RxJsonSchema<Doc>
}

const empty = ({ type }: Field) => ({ string: '', boolean: false, number: 0 })[String(type)] ?? null

const instant = (at: Date) => at.toISOString().replace('T', ' ')
const newId = () => crypto.randomUUID().replaceAll('-', '')

// What the RxDB tests share: the client of ../clients as it is published, devices that can be killed, and the server's own view.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createRxDatabase } from 'rxdb'
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory'
import ts from 'typescript'
import { BINARY, PASSWORD } from './lib.mjs'

const CLIENTS = resolve(import.meta.dirname, '../clients')

/** Our TypeScript as Node runs it; it lies where `import 'rxdb'` finds the unmodified package. */
async function published(name) {
  const folder = resolve(import.meta.dirname, `../node_modules/.cache/clients-${process.pid}`)
  mkdirSync(folder, { recursive: true })
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  for (const file of ['rxdb', 'example-rxdb']) {
    const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true }
    const { outputText } = ts.transpileModule(readFileSync(join(CLIENTS, `${file}.ts`), 'utf8'), { compilerOptions: options })
    writeFileSync(join(folder, `${file}.mjs`), outputText.replaceAll(".ts'", ".mjs'"))
  }
  return import(pathToFileURL(join(folder, `${name}.mjs`)))
}
export const { openDiary, rxSchema } = await published('example-rxdb')
export const { InterictalSync } = await published('rxdb')

export const newId = () => crypto.randomUUID().replaceAll('-', '')

/** Waits until something holds; the reason is for whoever reads that it never did. */
export async function until(reason, holds, patience = 10_000) {
  for (const end = Date.now() + patience; Date.now() < end; await new Promise(done => setTimeout(done, 10))) {
    if (await holds()) return true
  }
  throw new Error(`waited in vain until ${reason}`)
}

/** A requester as one account, or as a superuser. */
export async function account(url, email, collection = 'users') {
  const answer = await fetch(`${url}/api/collections/${collection}/auth-with-password`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ identity: email, password: PASSWORD }),
  })
  const { token, record } = await answer.json()
  if (!token) throw new Error(`${email} cannot sign in: ${answer.status}`)
  const ask = async (method, path, body) => {
    const response = await fetch(it.url + path, { method, headers: { Authorization: token, 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text && JSON.parse(text) }
  }
  const it = { url, token, ask, id: record.id, patient: record.patient } // the same account is known to a copy of the server elsewhere
  return it
}

export const ROOT_EMAIL = 'root@demo.interictal.test'
export const makeRoot = dir => execFileSync(BINARY, ['superuser', 'upsert', `--dir=${dir}`, ROOT_EMAIL, PASSWORD], { stdio: 'ignore' })

/** A backup of a stopped server's data folder, and how to put it back. What lies beside the folder stays as it is. */
export function backup(dir, into) {
  cpSync(dir, into, { recursive: true })
  return () => {
    rmSync(dir, { recursive: true })
    cpSync(into, dir, { recursive: true })
  }
}

/** What an app keeps beside its database. */
export function memory(alive = () => true) {
  const kept = new Map()
  return { getItem: key => kept.get(key) ?? null, setItem: (key, value) => void (alive() && kept.set(key, value)) }
}

/** A phone with a disk that outlives the app. RxDB's memory storage keeps its rows when it is closed; after kill() nothing of the app
 *  that ran is written or sent any more, wherever it was: between a row, the replication's memory of it and the checkpoint are gaps.
 *  RxDB's free edition opens 13 collections in a process: one phone at a time runs the whole example, the others hold what `names` says. */
export function phone({ url, name, who, as = 'patient', names, network = fetch, onProblem = () => {} }) {
  const storage = getRxStorageMemory()
  const kept = new Map()
  let life = 0
  const it = { name, online: true, told: [], asked: [] }

  /** What belongs to one run of the app: dead when the next one begins. */
  function run() {
    const mine = ++life
    const alive = () => life === mine
    const never = new Promise(() => {})
    return {
      memory: { getItem: key => kept.get(key) ?? null, setItem: (key, value) => void (alive() && kept.set(key, value)) },
      storage: {
        ...storage,
        name: `memory-${name}-${mine}`, // to RxDB each run is another process
        async createStorageInstance(params) {
          const instance = await storage.createStorageInstance(params)
          for (const change of ['bulkWrite', 'remove']) {
            const act = instance[change].bind(instance)
            instance[change] = (...args) => (alive() ? act(...args) : never)
          }
          return instance
        },
      },
      async fetch(address, init) {
        if (!alive()) return never
        if (!it.online) throw new TypeError('offline')
        const answer = await network(address, init)
        if (!alive()) return never
        it.asked.push(`${init?.method ?? 'GET'} ${new URL(address).pathname.replace('/api/sync/', '')} ${answer.status}`)
        return answer
      },
    }
  }

  it.open = async () => {
    const app = { ...run(), url, token: () => who.token, name, retryTime: 100 }
    if (names) {
      const { collections } = (await who.ask('GET', '/api/sync/schema')).body
      it.database = await createRxDatabase({ name, storage: app.storage, multiInstance: false })
      const tables = await it.database.addCollections(Object.fromEntries(collections.filter(c => names.includes(c.collection)).map(c => [c.collection, { schema: rxSchema(c) }])))
      it.sync = new InterictalSync({ ...app, as, collections: Object.values(tables) })
    } else {
      it.diary = await openDiary({ ...app, patient: who.patient })
      it.database = it.diary.database
      it.sync = it.diary.sync
    }
    it.sync.problems$.subscribe(onProblem)
    it.sync.conflicts$.subscribe(conflict => it.told.push(conflict))
    return it
  }
  it.doc = (collection, id) => it.database.collections[collection].findOne(id).exec()
  it.row = async (collection, id) => (await it.doc(collection, id))?.toJSON()
  it.rows = async collection => (await it.database.collections[collection].find().exec()).map(doc => doc.toJSON())
  it.add = (collection, row) => it.database.collections[collection].insert(row)
  it.change = async (collection, id, fields) => (await it.doc(collection, id)).incrementalPatch(fields)
  it.remove = async (collection, id) => (await it.doc(collection, id)).incrementalRemove()
  it.kill = () => {
    life++
    it.sync.stop()
    for (const collection of Object.values(it.database.collections)) collection.close() // for RxDB's count of open ones; it ends in nothing
  }
  it.close = async () => {
    await it.sync.stop()
    await it.database.close()
  }
  const tables = () => [...storage.collectionStates].filter(([key]) => key.startsWith(`${name}--`))
  /** Every table on the disk, tombstones and the replication's own memory too. */
  it.disk = () => JSON.stringify(tables().map(([key, state]) => [key, [...state.documents.values()]]))
  it.wipe = () => tables().forEach(([key]) => storage.collectionStates.delete(key))
  return it
}

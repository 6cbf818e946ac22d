// Two programs that others wrote, against the real binary: RxDB's own suite for replications (rxdb/plugins/test-utils, run as it is, through
// ../clients/rxdb.ts), and the client of the npm package rxdb-server.
//
// The suite brings a document type of its own, `human`. Here a human is a medication: firstName is its name, lastName its strength. For
// passportId and age a superuser adds two fields, as a clinic may. What the suite sends and hears is renamed on the wire; `human`
// holds no `rev`, so this is also how the server fares with clients that keep none.
import { createRequire } from 'node:module'
import { addRxPlugin } from 'rxdb'
import { disableWarnings, RxDBDevModePlugin } from 'rxdb/plugins/dev-mode'
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory'
import { runReplicationBaseTestSuite, setConfig } from 'rxdb/plugins/test-utils'
import { wrappedValidateAjvStorage } from 'rxdb/plugins/validate-ajv'
import { ADA, check, demo, finish, server } from './lib.mjs'
import { ROOT_EMAIL, account, InterictalSync, makeRoot, memory, newId, rxSchema, until } from './rxdb-lib.mjs'

disableWarnings()
addRxPlugin(RxDBDevModePlugin) // the suite opens its databases in a way that only dev-mode allows
const storage = wrappedValidateAjvStorage({ storage: getRxStorageMemory() })
setConfig({ storage: { name: 'memory', getStorage: () => storage } })

const dir = demo()
makeRoot(dir)
const house = await server(dir)
const { url } = house
const ada = await account(url, ADA)
const root = await account(url, ROOT_EMAIL, '_superusers')
const { fields } = (await root.ask('GET', '/api/collections/medications')).body
const more = [{ name: 'passport', type: 'text' }, { name: 'age', type: 'number' }]
const added = await root.ask('PATCH', '/api/collections/medications', { fields: [...fields, ...more] })
check('a superuser adds fields to a synced collection', added.status === 200, added.status === 200 ? '' : JSON.stringify(added.body))

// --- RxDB's suite

const idOf = new Map() // a tombstone is empty: only its id is left
const passportOf = new Map()
function toServer({ passportId, firstName, lastName, age, _deleted }) {
  if (!idOf.has(passportId)) {
    idOf.set(passportId, newId())
    passportOf.set(idOf.get(passportId), passportId)
  }
  return { id: idOf.get(passportId), patient: ada.patient, name: firstName, strength: lastName, drug_class: 'triptan', indication: 'acute', passport: passportId, age, _deleted }
}
const toHuman = doc => ({ passportId: passportOf.get(doc.id), firstName: doc.name, lastName: doc.strength, age: doc.age, _deleted: doc._deleted })

async function renamed(address, init) {
  const rows = init?.body && JSON.parse(init.body).map(row => ({
    assumedMasterState: row.assumedMasterState && toServer(row.assumedMasterState), newDocumentState: toServer(row.newDocumentState),
  }))
  const answer = await fetch(address.replace('/rxdb/human/', '/rxdb/medications/'), { ...init, body: rows && JSON.stringify(rows) })
  if (!answer.ok || !address.includes('/rxdb/human/')) return answer
  const body = await answer.json()
  const humans = Array.isArray(body) ? body.map(toHuman) : { ...body, documents: body.documents.filter(doc => passportOf.has(doc.id)).map(toHuman) }
  return new Response(JSON.stringify(humans), { headers: answer.headers })
}

const kept = new WeakMap()
const begun = new Set()
function replicate(collection) {
  if (!kept.has(collection)) kept.set(collection, memory())
  const sync = new InterictalSync({ url, token: () => ada.token, as: 'patient', collections: [collection], memory: kept.get(collection), fetch: renamed, retryTime: 100 })
  begun.add(sync)
  return sync
}
const stored = async () => (await root.ask('GET', `/api/collections/medications/records?perPage=500&filter=(patient="${ada.patient}")`)).body.items

const tests = []
globalThis.describe = (_, define) => define()
globalThis.it = (name, run) => tests.push([name, run])
runReplicationBaseTestSuite({
  startReplication: collection => replicate(collection).replication('human'),
  async syncOnce(collection) {
    const sync = replicate(collection)
    await sync.inSync()
    await sync.stop()
  },
  getAllServerDocs: async () => (await stored()).map(toHuman),
  async cleanUpServer() {
    for (const row of await stored()) await root.ask('DELETE', `/api/collections/medications/records/${row.id}`)
  },
  softDeletes: false,
  getPrimaryOfServerDoc: doc => doc.passportId,
})
const doses = (await root.ask('GET', `/api/collections/medication_doses/records?perPage=500&filter=(patient="${ada.patient}")`)).body.items
for (const dose of doses) await root.ask('DELETE', `/api/collections/medication_doses/records/${dose.id}`) // a medication that was taken cannot be deleted
check("RxDB's replication suite has tests", tests.length >= 3, tests.length)
for (const [name, run] of tests) {
  const problem = await run().then(() => '', error => error)
  check(`RxDB's suite: ${name}`, !problem, problem && problem.stack)
  for (const sync of begun) await sync.stop()
  begun.clear()
}

// --- the stock client of rxdb-server: its newest version was compiled for the RxDB of its day, whose classes were functions;
// RxDB's CommonJS build still has them, its ES modules have not
const require = createRequire(import.meta.url)
const { createRxDatabase } = require('rxdb')
const { replicateServer } = require('rxdb-server/plugins/replication-server')
const plain = require('rxdb/plugins/storage-memory').getRxStorageMemory()

const { collections } = (await ada.ask('GET', '/api/sync/schema')).body
const published = collections.find(c => c.collection === 'attacks')
async function stock(name, version = 1, token = ada.token) {
  const database = await createRxDatabase({ name, storage: plain, multiInstance: false })
  const { attacks } = await database.addCollections({ attacks: { schema: rxSchema(published) } })
  const replication = replicateServer({
    collection: attacks, replicationIdentifier: name, url: `${url}/api/sync/rxdb-server/attacks/${version}`,
    headers: { Authorization: token, 'X-Device-Id': `stock-${name}` }, pull: { batchSize: 50 }, push: { batchSize: 50 }, live: true, retryTime: 200,
  })
  return { database, attacks, replication, row: async id => (await attacks.findOne(id).exec())?.toJSON() }
}
const one = await stock('one')
const two = await stock('two')
await one.replication.awaitInitialReplication()
await two.replication.awaitInitialReplication()
const total = (await ada.ask('GET', '/api/collections/attacks/records?perPage=1')).body.totalItems
check('replicateServer() pulls everything', (await one.attacks.count().exec()) === total && total > 10, total)

const id = newId()
await one.attacks.insert({ id, patient: ada.patient, started_at: '2026-01-20 14:00:00.000Z', note: 'from one' })
await until('it is on the other', async () => (await two.row(id))?.note === 'from one')
await until('it has its version', async () => (await one.row(id)).rev !== '' && (await two.row(id)).rev === (await one.row(id)).rev)
check('what one makes comes to the other by the stream', true)
await (await two.attacks.findOne(id).exec()).incrementalPatch({ peak_nrs: 7 })
await (await one.attacks.findOne(id).exec()).incrementalPatch({ tz: 'Europe/Berlin' })
await until('both have both', async () => [await one.row(id), await two.row(id)].every(row => row.peak_nrs === 7 && row.tz === 'Europe/Berlin'))
check('two edits at once merge', true)

await house.kill()
const late = newId()
await one.attacks.insert({ id: late, patient: ada.patient, started_at: '2026-01-21 14:00:00.000Z' })
await house.start()
await until('it has arrived', async () => await two.row(late), 20_000)
check('it comes through a restart of the server', true)
await (await two.attacks.findOne(id).exec()).remove()
await until('it is gone', async () => !(await one.row(id)))
check('a delete comes through', true)
await one.database.close()
await two.database.close()

for (const [why, version, token, signal] of [['another schema', 0, ada.token, 'outdatedClient$'], ['no sign-in', 1, 'x', 'unauthorized$']]) {
  const other = await stock(`other${version}`, version, token)
  const told = await new Promise(done => (other.replication[signal].subscribe(() => done(true)), setTimeout(() => done(false), 5000)))
  check(`the stock client is told of ${why}`, told)
  await other.database.close()
}
await house.stop()
finish()

// The WatermelonDB dialect with the real client, the shim and the example of clients/, and the real binary: people with phones
// without signal, answers that get lost, rights that end, a server that is killed or put back to a backup. Then the same at random
// (SEEDS runs, 5; SEED_FROM for the first), where every value written must be found again. ONLY=words runs the stories with these words.
import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import ts from 'typescript'
import { ADA, PASSWORD, THERAPIST, check, demo, finish, scratch, server, since } from './lib.mjs'

const { clients, require } = load()
const { open, sync, tables } = clients
const { interictal } = require('./watermelon.js')
const { synchronize, hasUnsyncedChanges } = require('@nozbe/watermelondb/sync')
const { default: LokiJSAdapter } = require('@nozbe/watermelondb/adapters/lokijs')
const { default: logger } = require('@nozbe/watermelondb/utils/common/logger')
const { Q } = require('@nozbe/watermelondb')
const { LokiMemoryAdapter } = require('lokijs')
logger.silence()

/** The two files as an app would bundle them. */
function load() {
  const folder = resolve(import.meta.dirname, `../node_modules/.cache/watermelon-${process.pid}`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"type": "commonjs"}')
  for (const name of ['watermelon', 'example-watermelon']) {
    const source = readFileSync(resolve(import.meta.dirname, `../clients/${name}.ts`), 'utf8')
    const { outputText } = ts.transpileModule(source, { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS, esModuleInterop: true } })
    writeFileSync(join(folder, `${name}.js`), outputText)
  }
  process.once('exit', () => rmSync(folder, { recursive: true }))
  const require = createRequire(join(folder, 'x.js'))
  return { clients: require('./example-watermelon.js'), require }
}

// ── people ──

/** Whoever is signed in, over PocketBase's own REST. */
class Account {
  static async of(url, email, collection = 'users') {
    const account = new Account()
    account.url = url
    const { token, record } = await account.ask('POST', `/api/collections/${collection}/auth-with-password`, { identity: email, password: PASSWORD })
    return Object.assign(account, { token, id: record.id, patient: record.patient })
  }

  async ask(method, path, body) {
    const response = await plainFetch(this.url + path, {
      method, headers: { 'Content-Type': 'application/json', ...(this.token && { Authorization: this.token }) }, body: body && JSON.stringify(body),
    })
    const text = await response.text()
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`)
    return text && JSON.parse(text)
  }

  create = (collection, values) => this.ask('POST', `/api/collections/${collection}/records`, values)
  update = (collection, id, values) => this.ask('PATCH', `/api/collections/${collection}/records/${id}`, values)
  list = async (collection, patient) => (await this.ask('GET', `/api/collections/${collection}/records?perPage=500&filter=(patient=%22${patient}%22)`)).items
  conflicts = async patient => (await this.ask('GET', `/api/sync/conflicts?patient=${patient}`)).conflicts
}

// ── the network: every request of the shim goes through it ──

const plainFetch = globalThis.fetch
const peace = (url, options) => plainFetch(url, options)
let network = peace
globalThis.fetch = (url, options) => network(`${url}`, options)
class Lost extends Error {}
/** The request arrives, its answer does not. */
const loseAnswer = async (url, options) => {
  await (await plainFetch(url, options)).arrayBuffer()
  throw new Lost('the answer got lost')
}
const posts = fault => (url, options) => (options?.method === 'POST' ? fault(url, options) : peace(url, options))

// ── devices ──

let schema
let devices = 0

class Device {
  constructor(account, as, known = schema) {
    Object.assign(this, { account, as, told: [] })
    this.start(new LokiJSAdapter({
      schema: tables(known), dbName: `device-${devices++}`, useWebWorker: false, useIncrementalIndexedDB: true,
      extraLokiOptions: { autosave: false }, _testLokiAdapter: new LokiMemoryAdapter(),
    }))
  }

  start(adapter) {
    this.db = open(adapter)
    this.options = { database: this.db, url: this.account.url, token: () => this.account.token, as: this.as, told: verdicts => this.told.push(...verdicts) }
  }

  /** What is on the disk now, for an app that opens it. */
  async disk(options) {
    const adapter = this.db.adapter.underlyingAdapter
    await this.unsent() // it is open
    await new Promise((done, failed) => adapter._driver.loki.saveDatabase(problem => (problem ? failed(problem) : done())))
    return adapter.testClone(options)
  }

  /** The app is killed, and opened again with what was on the disk. */
  async restart() {
    this.start(await this.disk())
  }

  async sync(fault = peace) {
    this.told = []
    network = fault
    try {
      await sync(this.options)
    } finally {
      network = peace
    }
  }

  /** A sync that does not come to its end. */
  async breaks(fault) {
    await assert.rejects(this.sync(fault), Lost)
  }

  rows = async table => (await this.db.get(table).query().fetch()).map(({ _raw }) => _raw)
  async row(table, id) {
    return (await this.db.get(table).query(Q.where('id', id)).fetch())[0]
  }
  async put(table, id, values) {
    const row = await this.row(table, id)
    return this.db.write(() => row
      ? row.update(row => Object.assign(row, values))
      : this.db.get(table).create(row => (row._raw.id = id, Object.assign(row, { patient: this.account.patient, ...values }))))
  }
  async delete(table, id) {
    const row = await this.row(table, id)
    await this.db.write(() => row.markAsDeleted())
  }
  unsent = () => hasUnsyncedChanges({ database: this.db })

  /** It holds the same versions of the same rows as the server says it must. */
  async differs() {
    for (const table of Object.keys(this.db.schema.tables)) {
      const must = await this.account.ask('GET', `/api/sync/digest?collection=${table}&list=1&as=${this.as}`)
      const has = Object.fromEntries((await this.rows(table)).map(({ id, rev }) => [id, rev]))
      for (const id of new Set([...Object.keys(must.documents), ...Object.keys(has)])) {
        if (must.documents[id] !== has[id]) return `${table}/${id} is ${has[id]} here and ${must.documents[id]} there`
      }
    }
    return ''
  }
}

const rowId = (name, n = 0) => name + `${n}`.padStart(15 - name.length, '0')
const attackAt = (day, more) => ({ started_at: `2026-0${1 + (day % 9)}-1${day % 10} 10:00:00.000Z`, tz: 'America/New_York', ...more })

// ── the stories ──

let house
let seeded
let ada, amira, root
const stories = []
const story = (name, run) => stories.push([name, run])

story('the first sync of a year', async () => {
  const phone = new Device(ada, 'patient')
  await phone.sync()
  const before = (await phone.rows('diary_days')).length
  const days = Array.from({ length: 365 }, (_, i) => new Date(Date.UTC(2024, 0, 1 + i)).toISOString().slice(0, 10))
  await phone.db.write(() => phone.db.batch(
    ...days.map(day => phone.db.get('diary_days').prepareCreate(row => (row._raw.id = ada.patient + day.replaceAll('-', ''), Object.assign(row, { patient: ada.patient, day, headache: false, stress: 0, note: `day ${day}` })))),
    ...days.map((day, i) => phone.db.get('attacks').prepareCreate(row => (row._raw.id = rowId('year', i), Object.assign(row, attackAt(i, { patient: ada.patient, peak_nrs: i % 11 }))))),
    ...days.flatMap((day, i) => [1, 2].map(n => phone.db.get('attack_readings').prepareCreate(row => (row._raw.id = rowId(`reading${n}x`, i), Object.assign(row, { patient: ada.patient, attack: rowId('year', i), at: `${day} 11:0${n}:00.000Z`, nrs: null })))))))
  let start = performance.now()
  await phone.sync()
  const sent = since(start)
  assert.equal(await phone.unsent(), false)
  assert.equal(await phone.differs(), '')
  const tablet = new Device(ada, 'patient')
  start = performance.now()
  await tablet.sync()
  assert.equal(await tablet.differs(), '')
  assert.equal((await tablet.rows('diary_days')).length, before + 365)
  const day = (await tablet.row('diary_days', `${ada.patient}20240105`))._raw
  assert.deepEqual([day.headache, day.stress, day.worst_pain_nrs, day.acute_medicine, day.note], [false, 0, null, null, 'day 2024-01-05'])
  assert.equal((await tablet.row('attack_readings', rowId('reading1x', 7))).nrs, null)
  return `1460 rows out in ${sent}, all in ${since(start)}`
})

/** Two phones of ada and amira's desk, with one attack all know. */
async function threeWithAnAttack(id, more) {
  const phone = new Device(ada, 'patient'), tablet = new Device(ada, 'patient'), desk = new Device(amira, 'staff')
  await phone.put('attacks', id, attackAt(3, { note: 'it began at work', ...more }))
  for (const device of [phone, tablet, desk]) await device.sync()
  return { phone, tablet, desk }
}

async function settled(...all) {
  for (let i = 0; i < 2; i++) for (const device of all) await device.sync()
  for (const device of all) {
    assert.equal(await device.differs(), '')
    assert.equal(await device.unsent(), false)
  }
}

const kept = async (doc, kind) => (await ada.conflicts(ada.patient)).filter(c => c.doc === doc && c.kind === kind)

story('different columns merge, also with the therapist', async () => {
  const id = rowId('columns'), { phone, tablet, desk } = await threeWithAnAttack(id)
  await phone.put('attacks', id, { peak_nrs: 7 })
  await tablet.put('attacks', id, { nausea: false })
  await desk.put('attacks', id, { vomiting: true })
  await settled(phone, tablet, desk)
  for (const device of [phone, tablet, desk]) {
    const { peak_nrs, nausea, vomiting, photophobia } = (await device.row('attacks', id))._raw
    assert.deepEqual({ peak_nrs, nausea, vomiting, photophobia }, { peak_nrs: 7, nausea: false, vomiting: true, photophobia: null })
  }
  assert.equal((await kept(id, 'conflict')).length, 0)
})

story('the same column twice: the first stands, the other is kept and told', async () => {
  const id = rowId('same'), { phone, tablet } = await threeWithAnAttack(id, { peak_nrs: 1 })
  await phone.put('attacks', id, { peak_nrs: 9 })
  await tablet.put('attacks', id, { peak_nrs: 4, nausea: true })
  await phone.sync()
  await tablet.sync()
  assert.deepEqual(tablet.told.map(({ id, verdict, fields }) => ({ id, verdict, fields })), [{ id, verdict: 'conflict', fields: ['peak_nrs'] }])
  const row = (await tablet.row('attacks', id))._raw
  assert.deepEqual([row.peak_nrs, row.nausea, row._status], [9, true, 'synced'])
  await settled(phone, tablet)
  assert.deepEqual((await kept(id, 'conflict')).map(c => c.detail), [{ peak_nrs: { base: 1, lost: 4, kept: 9 } }])
})

story('one day, begun on two phones: both answers stay', async () => {
  const id = `${ada.patient}20230105`, phone = new Device(ada, 'patient'), tablet = new Device(ada, 'patient')
  await phone.sync()
  await tablet.sync()
  await phone.put('diary_days', id, { day: '2023-01-05', headache: true })
  await tablet.put('diary_days', id, { day: '2023-01-05', neck_pain_nrs: 0 })
  await settled(phone, tablet)
  const { headache, neck_pain_nrs, stress } = (await phone.row('diary_days', id))._raw
  assert.deepEqual({ headache, neck_pain_nrs, stress }, { headache: true, neck_pain_nrs: 0, stress: null })
})

story('create, sync, delete, sync: it stays deleted', async () => {
  const id = rowId('gone'), { phone, tablet } = await threeWithAnAttack(id)
  await phone.delete('attacks', id)
  await settled(phone, tablet)
  await settled(tablet, phone)
  assert.equal(await phone.row('attacks', id), undefined)
  assert.equal(await tablet.row('attacks', id), undefined)
  await phone.put('attacks', id, attackAt(4, { note: 'again' }))
  await settled(phone, tablet)
  assert.equal((await tablet.row('attacks', id)).note, 'again')
})

story('deleted before the first answer came', async () => {
  const id = rowId('unheard'), phone = new Device(ada, 'patient')
  await phone.sync()
  await phone.put('attacks', id, attackAt(5))
  await phone.breaks(posts(loseAnswer))
  await phone.delete('attacks', id)
  await settled(phone)
  assert.equal(await phone.row('attacks', id), undefined)
})

story('an offline deletion does not beat a change it had not seen', async () => {
  const id = rowId('delete'), { phone, tablet } = await threeWithAnAttack(id)
  await tablet.delete('attacks', id)
  await phone.put('attacks', id, { peak_nrs: 10 })
  await phone.sync()
  await tablet.sync(posts(() => { throw new Lost() })).catch(() => {}) // pulls the change, and cannot push
  await tablet.sync()
  assert.equal((await tablet.row('attacks', id)).peak_nrs, 10)
  assert.equal(tablet.told[0].verdict, 'conflict')
  await settled(phone, tablet)
  assert.equal((await kept(id, 'delete_lost')).length, 1)
})

story('a deletion takes along what its author knew, and spares what came after', async () => {
  const id = rowId('parent'), { phone, tablet } = await threeWithAnAttack(id), reading = n => [rowId('hangson', n), { attack: id, at: '2026-01-20 15:00:00.000Z', nrs: n }]
  await phone.put('attack_readings', ...reading(1))
  await settled(phone, tablet)
  const everything = async device => device.db.write(async () => (await device.row('attacks', id)).experimentalMarkAsDeleted())
  await everything(phone)
  await tablet.put('attack_readings', ...reading(2))
  await tablet.sync()
  await settled(phone, tablet)
  assert.equal((await phone.row('attack_readings', rowId('hangson', 2))).nrs, 2)
  assert.equal((await phone.row('attacks', id)).note, 'it began at work')
  assert.equal(await phone.row('attack_readings', rowId('hangson', 1)), undefined)
  await everything(phone)
  await settled(phone, tablet)
  assert.equal(await tablet.row('attacks', id), undefined)
  assert.equal(await tablet.row('attack_readings', rowId('hangson', 2)), undefined)
})

story('a change beats a deletion that had not seen it', async () => {
  const id = rowId('revive'), { phone, tablet } = await threeWithAnAttack(id)
  await phone.delete('attacks', id)
  await phone.sync()
  await tablet.put('attacks', id, { peak_nrs: 6 })
  await settled(tablet, phone)
  assert.deepEqual([(await phone.row('attacks', id)).peak_nrs, (await phone.row('attacks', id)).note], [6, 'it began at work'])
  assert.equal((await kept(id, 'resurrected')).length, 1)
})

story('a lost answer, then somebody else’s change', async () => {
  const id = rowId('answer'), { phone, tablet } = await threeWithAnAttack(id, { peak_nrs: 1 })
  await phone.put('attacks', id, { peak_nrs: 2 })
  await phone.breaks(posts(loseAnswer))
  await tablet.sync()
  await tablet.put('attacks', id, { peak_nrs: 3 })
  await tablet.sync()
  await phone.put('attacks', id, { nausea: true })
  await settled(phone, tablet)
  const row = await phone.row('attacks', id)
  assert.deepEqual([row.peak_nrs, row.nausea], [3, true])
  assert.equal((await kept(id, 'conflict')).length, 0)
})

story('a refused row stays unsent, holds nothing up, and goes when it is mended', async () => {
  const id = rowId('refused'), { phone, tablet } = await threeWithAnAttack(id), fine = rowId('fine')
  await phone.put('attacks', id, { peak_nrs: 11 })
  await phone.put('attacks', fine, attackAt(6))
  await phone.sync()
  assert.deepEqual(phone.told.map(v => [v.id, v.verdict, Object.keys(v.data)]), [[id, 'refused', ['E_VALUE']]])
  assert.equal((await phone.row('attacks', id))._raw._status, 'updated')
  assert.equal((await phone.row('attacks', fine))._raw._status, 'synced')
  await tablet.put('attacks', id, { vomiting: false })
  await tablet.sync()
  await phone.sync()
  await phone.put('attacks', id, { peak_nrs: 8 })
  await settled(phone, tablet)
  const row = (await tablet.row('attacks', id))._raw
  assert.deepEqual([row.peak_nrs, row.vomiting], [8, false])
})

story('a deletion that is refused is undone and told', async () => {
  const desk = new Device(amira, 'staff'), phone = new Device(ada, 'patient')
  await desk.sync()
  await phone.sync()
  const [{ id }] = (await phone.rows('exercises')) // prescribed: read-only on phones
  await phone.delete('exercises', id)
  await phone.sync()
  assert.deepEqual(phone.told.map(v => [v.id, v.verdict]), [[id, 'refused']])
  assert.equal((await phone.row('exercises', id))._raw._status, 'synced')
  assert.equal(await phone.unsent(), false)
})

story('what is written while a push is under way goes next', async () => {
  const id = rowId('during'), { phone, tablet } = await threeWithAnAttack(id, { peak_nrs: 1 })
  await phone.put('attacks', id, { peak_nrs: 2 })
  await phone.sync(posts(async (url, options) => {
    const answer = await plainFetch(url, options)
    await phone.put('attacks', id, { peak_nrs: 3 })
    await phone.put('attacks', rowId('during2'), attackAt(7))
    return answer
  }))
  assert.equal((await phone.row('attacks', id)).peak_nrs, 3)
  assert.equal(await phone.unsent(), true)
  await settled(phone, tablet)
  assert.equal((await tablet.row('attacks', id)).peak_nrs, 3)
  assert.equal((await kept(id, 'conflict')).length, 0)
})

story('the library’s own cases: nothing to do, two at once, a pull without a push, a database reset under way', async () => {
  const phone = new Device(ada, 'patient')
  await phone.sync()
  const log = {}
  let asked = []
  network = (url, options) => (asked.push(options?.method ?? 'GET'), peace(url, options))
  await synchronize({ database: phone.db, ...interictal(phone.options), log })
  assert.deepEqual(asked, ['GET'])
  assert.deepEqual([log.phase, log.remoteChangeCount, log.localChangeCount, log.error], ['done', 0, 0, undefined])

  const own = await phone.db.write(() => phone.db.get('triggers').create(row => Object.assign(row, { patient: ada.patient, name: 'Thunder', kind: 'yes_no' })))
  await settled(phone) // with an id that the library made
  assert.equal(own.name, 'Thunder')

  await phone.put('attacks', rowId('twice'), attackAt(8))
  const both = await Promise.allSettled([sync(phone.options), sync(phone.options)])
  assert.ok(both.some(({ status }) => status === 'fulfilled'))
  await settled(phone)
  assert.equal((await ada.list('attacks', ada.patient)).filter(({ id }) => id === rowId('twice')).length, 1)

  await phone.put('attacks', rowId('later'), attackAt(9))
  const { pushChanges, ...pullOnly } = interictal(phone.options)
  await synchronize({ database: phone.db, ...pullOnly })
  assert.equal(await phone.unsent(), true)

  const desk = new Device(amira, 'staff')
  await assert.rejects(desk.sync(async (url, options) => {
    const answer = await plainFetch(url, options)
    await desk.db.write(() => desk.db.unsafeResetDatabase())
    return answer
  }), /database was reset/)
  await settled(desk, phone)
})

story('the server is killed in the middle', async () => {
  const { phone, tablet } = await threeWithAnAttack(rowId('kill'))
  for (let i = 0; i < 300; i++) await phone.put('attacks', rowId('killed', i), attackAt(i, { note: `killed ${i}` }))
  let parts = 0
  await phone.sync(posts(async (url, options) => {
    const answer = plainFetch(url, options)
    if (++parts === 2) await Promise.allSettled([answer, house.kill()])
    return answer
  })).then(() => assert.fail('a push to a dead server'), () => {})
  await house.start()
  await settled(phone, tablet)
  for (let i = 0; i < 300; i++) assert.equal((await tablet.row('attacks', rowId('killed', i))).note, `killed ${i}`)
})

story('an app that dies between the server’s answer and its own disk', async () => {
  const id = rowId('crash'), { phone, tablet } = await threeWithAnAttack(id, { peak_nrs: 1 })
  await phone.put('attacks', id, { peak_nrs: 2 })
  const disk = await phone.disk() // the last state that reached it
  await phone.sync()
  phone.start(disk)
  await tablet.sync()
  await tablet.put('attacks', id, { peak_nrs: 3 })
  await tablet.sync()
  await phone.put('attacks', id, { nausea: true })
  await settled(phone, tablet)
  assert.deepEqual([(await phone.row('attacks', id)).peak_nrs, (await phone.row('attacks', id)).nausea], [3, true])
})

story('rights come and go: the device is emptied, unsent work goes to the team', async () => {
  const noor = await root.create('users', { email: 'noor@demo.interictal.test', password: PASSWORD, passwordConfirm: PASSWORD, verified: true })
  const clinic = (await root.ask('GET', '/api/collections/practitioners/records?perPage=1')).items[0].clinic
  await root.create('practitioners', { user: noor.id, clinic, role: 'therapist', name: 'Noor', active: true })
  const hers = await Account.of(house.url, 'noor@demo.interictal.test')
  const desk = new Device(hers, 'staff'), phone = new Device(ada, 'patient')
  await desk.sync()
  assert.equal((await desk.rows('attacks')).length, 0)
  const link = await root.create('care_links', { patient: ada.patient, member: noor.id, role: 'therapist', from: new Date().toISOString() })
  await phone.put('attacks', rowId('shared'), attackAt(2, { note: 'seen by both' }))
  await phone.sync()
  await desk.sync()
  assert.equal(await desk.differs(), '')
  assert.ok((await desk.rows('attacks')).length > 20)

  await desk.put('attacks', rowId('shared'), { vomiting: true })
  await desk.put('attacks', rowId('unsentwork'), attackAt(2, { patient: ada.patient, note: 'dictated by telephone' }))
  await root.update('care_links', link.id, { until: new Date().toISOString() })
  await desk.sync(async (url, options) => {
    assert.ok(options?.method !== 'POST' || url.includes('/salvage'), 'nothing is left to push')
    return peace(url, options)
  })
  for (const table of Object.keys(desk.db.schema.tables)) assert.deepEqual(await desk.rows(table), [], table)
  assert.deepEqual(desk.told.map(v => [v.id, v.verdict]).sort(), [[rowId('shared'), 'handedOver'], [rowId('unsentwork'), 'handedOver']].sort())
  const held = () => desk.db.adapter.underlyingAdapter._driver.loki.serialize()
  for (const trace of ['seen by both', 'dictated by telephone']) assert.ok(!held().includes(trace), trace)
  await settled(desk)
  await desk.sync()
  assert.ok(!held().includes(ada.patient), 'once the erasure is confirmed, not even her id')
  const audit = (await root.ask('GET', `/api/collections/audit_events/records?filter=(action='erase'%26%26actor='${noor.id}')`)).items
  assert.deepEqual(audit.map(a => a.patient), [ada.patient])
  const told = await amira.conflicts(ada.patient)
  assert.deepEqual(told.filter(c => c.kind === 'handed_over').map(c => [c.doc, c.detail.note ?? c.detail.vomiting, c.user]).sort(),
    [[rowId('shared'), true, noor.id], [rowId('unsentwork'), 'dictated by telephone', noor.id]].sort())
  const entry = told.find(c => c.doc === rowId('unsentwork'))
  await amira.ask('POST', `/api/sync/conflicts/${entry.id}/resolve`, { take: 'lost' })
  await settled(phone)
  assert.equal((await phone.row('attacks', rowId('unsentwork'))).note, 'dictated by telephone')
})

story('a withdrawn consent takes its family off the desk, and what was not sent goes to the team', async () => {
  const id = rowId('medicine'), desk = new Device(amira, 'staff'), phone = new Device(ada, 'patient')
  await phone.put('medications', id, { name: 'Sumatriptan', drug_class: 'triptan', indication: 'acute' })
  await phone.sync()
  await desk.sync()
  await desk.put('medications', id, { prescriber: 'Dr Lee' })
  const consent = (await ada.list('consents', ada.patient)).find(({ family }) => family === 'medication')
  await ada.update('consents', consent.id, { state: 'withdrawn' })
  await settled(desk)
  assert.deepEqual((await desk.rows('medications')).filter(({ patient }) => patient === ada.patient), [])
  assert.ok((await desk.rows('attacks')).some(({ patient }) => patient === ada.patient))
  assert.deepEqual((await kept(id, 'handed_over')).map(({ detail }) => detail.prescriber), ['Dr Lee'])
  await ada.update('consents', consent.id, { state: 'given' })
  await settled(desk, phone)
  assert.ok(await desk.row('medications', id))
})

story('an app whose tables grow gets the new columns of old rows', async () => {
  const whole = tables(schema), narrow = structuredClone(schema)
  delete narrow.collections.find(({ collection }) => collection === 'diary_days').jsonSchema.properties.neck_pain_nrs
  const phone = new Device(ada, 'patient'), tablet = new Device(ada, 'patient', narrow), day = `${ada.patient}20230201`
  await phone.put('diary_days', day, { day: '2023-02-01', neck_pain_nrs: 6 })
  await phone.sync()
  await tablet.sync()
  await tablet.put('diary_days', day, { stress: 2 })
  const { schemaMigrations, addColumns } = require('@nozbe/watermelondb/Schema/migrations')
  const migrations = schemaMigrations({ migrations: [{ toVersion: 2, steps: [addColumns({ table: 'diary_days', columns: [whole.tables.diary_days.columns.neck_pain_nrs] })] }] })
  tablet.start(await tablet.disk({ schema: tables(schema, 2), migrations }))
  assert.equal((await tablet.row('diary_days', day)).neck_pain_nrs, null)
  await synchronize({ database: tablet.db, ...interictal(tablet.options), migrationsEnabledAtVersion: 1 })
  assert.deepEqual([(await tablet.row('diary_days', day)).neck_pain_nrs, (await tablet.row('diary_days', day)).stress], [6, 2])
  await settled(phone, tablet)
})

story('the server is put back to a backup: nothing acknowledged is lost', async () => {
  const { phone, tablet, desk } = await threeWithAnAttack(rowId('before'), { peak_nrs: 1 })
  await phone.put('attacks', rowId('deletedlater'), attackAt(1))
  const idle = new Device(ada, 'patient')
  await settled(phone, tablet, desk, idle)
  const backup = scratch()
  await house.stop()
  cpSync(seeded, backup, { recursive: true })
  await house.start()
  await idle.delete('attacks', rowId('deletedlater'))
  await idle.sync()
  await phone.put('attacks', rowId('before'), { peak_nrs: 5 })
  await phone.put('attacks', rowId('after'), attackAt(1, { note: 'written after the backup' }))
  await phone.sync()
  await desk.sync()
  await desk.put('attacks', rowId('after'), { vomiting: true })
  await desk.sync()
  await phone.sync()
  await phone.put('attacks', rowId('after'), { nausea: true }) // acknowledged, never pulled
  await phone.sync()
  await tablet.put('attacks', rowId('before'), { nausea: false }) // not sent yet
  await tablet.put('attacks', rowId('unsent'), attackAt(2, { peak_nrs: 99 })) // and one that will be refused
  await house.stop()
  rmSync(seeded, { recursive: true })
  cpSync(backup, seeded, { recursive: true })
  await house.start()
  await idle.sync()
  assert.ok(await idle.row('attacks', rowId('deletedlater')), 'the deletion is what nobody can bring back')
  const requests = []
  await idle.sync((url, options) => (requests.push(options?.method ?? 'GET'), peace(url, options)))
  assert.deepEqual(requests, ['GET'], 'one reset, not one each time')
  const fresh = new Device(ada, 'patient')
  await fresh.sync()
  assert.equal(await fresh.row('attacks', rowId('after')), undefined)
  await phone.sync(posts(loseAnswer)).catch(() => {})
  for (const device of [tablet, phone, desk]) await device.sync()
  await tablet.put('attacks', rowId('unsent'), { peak_nrs: 3 })
  await settled(phone, tablet, desk, fresh)
  for (const device of [phone, tablet, desk, fresh]) {
    const before = (await device.row('attacks', rowId('before')))._raw, after = (await device.row('attacks', rowId('after')))._raw
    assert.deepEqual([before.peak_nrs, before.nausea, after.note, after.vomiting, after.nausea], [5, false, 'written after the backup', true, true])
    assert.equal((await device.row('attacks', rowId('unsent'))).peak_nrs, 3)
  }
})

// ── at random ──

/** Numbers from a seed (mulberry32). */
function dice(seed) {
  const next = () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return { chance: p => next() < p, pick: list => list[Math.floor(next() * list.length)] }
}

const FIELDS = { triggers: ['name', 'unit'], medications: ['name', 'strength', 'prescriber'] }
// nobody watches more than twenty factors at once: these are watched no more
const NEW = { triggers: { kind: 'yes_no', track_until: '2025-12-31' }, medications: { drug_class: 'triptan', indication: 'acute' } }

/** Every value is a word of its own and remembers the word it replaced. */
class World {
  constructor(seed) {
    Object.assign(this, { ...dice(seed), seed, words: 0, saw: new Map(), safe: new Set(), counts: {} })
  }
  count = what => (this.counts[what] = (this.counts[what] ?? 0) + 1)
  word(seen) {
    const word = `w${this.seed}x${++this.words}.`
    if (seen) this.saw.set(word, seen)
    return word
  }

  async write(device) {
    const table = this.pick(Object.keys(FIELDS)), id = rowId(`${table.slice(0, 4)}${this.seed}x`, this.pick([0, 1, 2, 3, 4]))
    const row = await device.row(table, id), values = {}
    if (!(await device.row('patients', ada.patient))) return // nobody writes about a patient who is not on the device
    if (row && this.chance(0.12)) {
      for (const field of FIELDS[table]) this.safe.add(row._raw[field]) // whoever deletes has seen what was there
      this.count('deletes')
      return device.delete(table, id)
    }
    const deleted = !row && (await device.db.adapter.getDeletedRecords(table)).includes(id)
    if (deleted) return // the row's deletion is still on its way
    for (const field of row ? [this.pick(FIELDS[table])] : FIELDS[table]) values[field] = this.word(row?._raw[field])
    this.count('writes')
    await device.put(table, id, row ? values : { ...NEW[table], patient: ada.patient, ...values })
  }

  /** A network that loses, doubles and delays. */
  faults = async (url, options) => {
    if (this.chance(0.05)) throw new Lost('the request got lost')
    if (options?.method === 'POST' && this.chance(0.08)) {
      const late = () => plainFetch(url, options).then(r => r.arrayBuffer(), () => {})
      this.late = late // arrives again behind something newer
    }
    if (this.chance(options?.method === 'POST' ? 0.15 : 0.05)) {
      this.count('lost answers')
      return loseAnswer(url, options)
    }
    return plainFetch(url, options)
  }

  missing(state) {
    for (let n = this.words; n > 0; n--) {
      const word = `w${this.seed}x${n}.`
      if (state.includes(word) || this.safe.has(word)) this.safe.add(word).add(this.saw.get(word))
    }
    return Array.from({ length: this.words }, (_, i) => `w${this.seed}x${i + 1}.`).filter(word => !this.safe.has(word))
  }
}

async function journal() {
  return JSON.stringify([await ada.conflicts(ada.patient)])
}

const links = async () => (await root.ask('GET', `/api/collections/care_links/records?filter=(patient='${ada.patient}'%26%26member='${amira.id}'%26%26until='')`)).items
const grant = () => root.create('care_links', { patient: ada.patient, member: amira.id, role: 'therapist', from: new Date().toISOString() })

/** Words that only the server has: a device that had sent them was emptied when its right ended, and nobody has fetched them yet. */
async function onlyThere(world, all) {
  const there = JSON.stringify([await ada.list('triggers', ada.patient), await ada.list('medications', ada.patient)])
  const here = JSON.stringify(await Promise.all(all.flatMap(device => [device.rows('triggers'), device.rows('medications')])))
  return there.match(/w\d+x\d+\./g)?.filter(word => !here.includes(word)).join(' ') ?? ''
}

async function randomRun(seed) {
  const world = new World(seed)
  const all = [new Device(ada, 'patient'), new Device(ada, 'patient'), new Device(amira, 'staff')]
  const backup = scratch()
  for (const device of all) await device.sync()
  await house.stop()
  cpSync(seeded, backup, { recursive: true })
  await house.start()
  let lines = ''
  for (let step = 0; step < 150; step++) {
    const device = world.pick(all)
    if (world.chance(0.6)) await world.write(device)
    else if (world.chance(0.06)) {
      world.count('app restarts')
      await device.restart()
    } else if (world.chance(0.04)) {
      world.count('server kills')
      await house.kill()
      await house.start()
    } else if (world.chance(0.04)) {
      world.count('changes of rights')
      const [link] = await links()
      await (link ? root.update('care_links', link.id, { until: new Date().toISOString() }) : grant())
    } else {
      if (world.late && world.chance(0.5)) {
        world.count('late doubles')
        await world.late()
        world.late = undefined
      }
      world.count('syncs')
      await device.sync(world.faults).catch(problem => {
        if (!(problem instanceof Lost)) throw problem
      })
    }
    if (step === 60 || step === 110) { // the server goes back; what no device holds goes for good
      world.count('restores')
      lines += await journal()
      if (!(await all[2].row('patients', ada.patient))) lines += await onlyThere(world, all)
      await house.stop()
      rmSync(seeded, { recursive: true })
      cpSync(backup, seeded, { recursive: true })
      await house.start()
    }
  }
  if (!(await links()).length) await grant()
  for (let i = 0; i < 3; i++) for (const device of all) await device.sync()
  for (const device of all) {
    assert.equal(await device.differs(), '', `seed ${seed}`)
    assert.equal(await device.unsent(), false, `seed ${seed}`)
  }
  const rows = [await ada.list('triggers', ada.patient), await ada.list('medications', ada.patient)]
  lines += await journal()
  assert.deepEqual(world.missing(JSON.stringify(rows) + lines), [], `seed ${seed}: words that are nowhere`)
  return Object.entries(world.counts).map(([what, n]) => `${n} ${what}`).join(', ')
}

// ── the day ──

const only = process.env.ONLY
seeded = demo()
house = await server(seeded)
ada = await Account.of(house.url, ADA)
amira = await Account.of(house.url, THERAPIST)
root = await Account.of(house.url, 'root@demo.interictal.test', '_superusers')
schema = await ada.ask('GET', '/api/sync/schema')
for (const [name, run] of stories) {
  if (only && !name.includes(only)) continue
  const start = performance.now()
  try {
    check(`watermelon: ${name}`, true, (await run()) ?? since(start))
  } catch (problem) {
    network = peace
    check(`watermelon: ${name}`, false, problem.stack)
    if (!(await plainFetch(`${house.url}/api/health`).then(r => r.ok, () => false))) await house.start()
  }
}
const from = Number(process.env.SEED_FROM ?? 1)
for (let seed = from; seed < from + Number(process.env.SEEDS ?? 5); seed++) {
  try {
    check(`watermelon: at random, seed ${seed}`, true, await randomRun(seed))
  } catch (problem) {
    network = peace
    check(`watermelon: at random, seed ${seed}`, false, problem.stack)
    break
  }
}
await house.stop()
finish()

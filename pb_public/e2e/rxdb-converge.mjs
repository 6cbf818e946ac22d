// The long random run (spec/sync.md §5.3): real RxDB clients, two phones of a patient and two devices of her therapist, over a network that
// loses requests and answers, delivers twice and late; apps are killed, the server is killed, rights end and come back, somebody edits
// through REST, and once the server is put back to a backup.
//
// The oracle: every value written is a word of its own that remembers what was there when it was written. In the end all devices
// have what the server has, and every word is there, or was replaced by somebody who had seen it, or is in sync_conflicts.
//
//   SEEDS=200 node e2e/rxdb-converge.mjs        FIRST=17 SEEDS=1 repeats the plan of one seed (not its timing); TRACE=/tmp/x writes every push of a bad one to /tmp/x-17.json
import { cpSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ADA, THERAPIST, check, demo, finish, pause, scratch, server, since } from './lib.mjs'
import { ROOT_EMAIL, account, backup, makeRoot, newId, phone, until } from './rxdb-lib.mjs'

const STEPS = 150
const trace = [] // with TRACE: every push and its answer, for whoever looks for a lost word
const TABLES = {
  medications: { words: ['name', 'strength', 'prescriber', 'note'], fixed: { drug_class: 'triptan', indication: 'acute' } },
  triggers: { words: ['name', 'note'], fixed: { kind: 'yes_no', lag: 1 } },
}
const NAMES = Object.keys(TABLES)

/** mulberry32 */
function randomOf(seed) {
  let a = seed
  const next = () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return { chance: share => next() < share, below: n => Math.floor(next() * n), of: list => list[Math.floor(next() * list.length)] }
}

/** What a careful observer knows: each word, what stood there when it was written, and what is allowed to be missing. */
class Book {
  words = new Map() // word → where it was written, over what
  step = 0
  replaced = new Set()
  kept = '' // sync_conflicts of a server that was put back
  next = 0
  word = () => `w${++this.next}.`
  wrote(word, seen, where) {
    this.words.set(word, `${word} at step ${this.step}, ${where}, over "${seen}"`)
    this.saw(seen)
  }
  saw(seen) {
    for (const word of String(seen ?? '').match(/w\d+\./g) ?? []) this.replaced.add(word)
  }
  missing(present) {
    const lost = word => !present.includes(word) && !this.kept.includes(word) && !this.replaced.has(word)
    return [...this.words].filter(([word]) => lost(word)).map(([, story]) => story)
  }
}

/** The way between the devices and the server. */
class Wire {
  faults = true
  late = []
  under = 0
  constructor(random) {
    this.random = random
  }
  fetch = async (address, init) => {
    if (!this.faults || address.includes('/stream')) return fetch(address, init)
    this.under++
    try {
      return await this.#carry(address, init, init?.method === 'POST')
    } finally {
      this.under--
    }
  }
  async #carry(address, init, push) {
    const { random } = this
    await pause(random.below(15))
    if (random.chance(0.05)) throw new TypeError('the request got lost')
    if (push && random.chance(0.1)) this.late.push([address, init])
    const answer = await fetch(address, init)
    if (process.env.TRACE && push) trace.push({ at: new Date(), step: trace.step, ...init.headers, rows: JSON.parse(init.body), answer: await answer.clone().text() })
    const twice = push && random.chance(0.1) ? await fetch(address, init) : answer
    await pause(random.below(15))
    if (random.chance(push ? 0.15 : 0.05)) throw new TypeError('the answer got lost')
    return random.chance(0.5) ? answer : twice
  }
  /** An old request arrives once more; nobody waits for the answer. */
  async straggler() {
    const [old] = this.late.splice(this.random.below(this.late.length), 1)
    if (old) await fetch(...old).then(answer => answer.text(), () => {})
  }
}

export async function converge(seed, base, people) {
  const begun = performance.now()
  const random = randomOf(seed)
  const book = new Book()
  const wire = new Wire(random)
  const home = scratch()
  const dir = join(home, 'data')
  cpSync(base, dir, { recursive: true })
  const house = await server(dir)
  const [ada, amira, root] = people
  for (const one of people) one.url = house.url
  const device = (name, who, as) => phone({ url: house.url, name: `${name}-${seed}`, who, as, names: NAMES, network: wire.fetch })
  const devices = [device('kitchen', ada), device('bedside', ada), device('desk', amira, 'staff'), device('tablet', amira, 'staff')]
  for (const one of devices) await one.open()
  for (const one of devices) await one.sync.inSync()
  let shared = true // the therapist has the right
  let before // the window in which a backup is older than what happens
  const counts = { writes: 0, deletes: 0, appKills: 0, serverKills: 0, rights: 0, edits: 0 }

  const fresh = async (one, table) => {
    const row = { id: newId(), patient: ada.patient, ...TABLES[table].fixed }
    for (const field of TABLES[table].words) row[field] = book.word()
    await one.add(table, row)
    for (const field of TABLES[table].words) book.wrote(row[field], '', `${one.name} ${table}/${row.id}.${field}`)
    counts.writes++
  }
  const some = async (one, table) => random.of(await one.database.collections[table].find({ selector: { patient: ada.patient } }).exec())
  const edit = async (one, table) => {
    const doc = await some(one, table)
    const field = random.of(TABLES[table].words)
    const word = book.word()
    let seen
    await doc?.incrementalModify(row => {
      if (row._deleted) throw new Error('gone meanwhile')
      seen = row[field]
      return { ...row, [field]: word }
    }).then(() => book.wrote(word, seen, `${one.name} ${table}/${doc.id}.${field}`), () => {})
    counts.writes++
  }
  const remove = async (one, table) => {
    const doc = await some(one, table)
    let seen
    await doc?.incrementalModify(row => {
      seen = { ...row }
      return { ...row, _deleted: true }
    }).then(() => TABLES[table].words.forEach(field => book.saw(seen[field])), () => {})
    counts.deletes++
  }
  /** Somebody edits in the office, from what is there now, and says so (compare-and-set by rev). */
  const office = async table => {
    const mine = encodeURIComponent(`(patient="${ada.patient}")`)
    const row = random.of((await ada.ask('GET', `/api/collections/${table}/records?perPage=200&filter=${mine}`)).body.items)
    if (!row) return
    const field = random.of(TABLES[table].words)
    const word = book.word()
    const answer = await ada.ask('PATCH', `/api/collections/${table}/records/${row.id}`, { rev: row.rev, [field]: word })
    trace.push({ step: trace.step, office: `${table}/${row.id}.${field}`, seen: row[field], rev: row.rev, word, status: answer.status, now: answer.body.rev })
    if (answer.status !== 200) return
    if (before) book.saw(row[field]) // only the office knows it: the backup may cost it
    else book.wrote(word, row[field], `office ${table}/${row.id}.${field}`)
    counts.edits++
  }
  const rights = async () => {
    if (before) return // a backup must not undo what a device has erased for good
    counts.rights++
    const links = '/api/collections/care_links/records'
    const open = encodeURIComponent(`(patient="${ada.patient}" && member="${amira.id}" && until="")`)
    const at = new Date().toISOString()
    if (shared) await root.ask('PATCH', `${links}/${(await root.ask('GET', `${links}?filter=${open}`)).body.items[0].id}`, { until: at })
    else await root.ask('POST', links, { patient: ada.patient, member: amira.id, role: 'therapist', from: at })
    shared = !shared
  }
  const crash = async () => {
    counts.serverKills++
    await house.kill()
    await house.start()
  }
  const still = async work => {
    for (const one of devices) one.online = false
    await until('nothing is under way', () => wire.under === 0)
    await work()
    for (const one of devices) one.online = true
  }
  const keep = async () => {
    book.kept += JSON.stringify((await ada.ask('GET', '/api/sync/conflicts')).body)
  }

  const [copied, restored] = process.env.NORESTORE ? [] : [30 + random.below(30), 80 + random.below(40)]
  for (let step = 0; step < STEPS; step++) {
    book.step = trace.step = step
    if (process.env.TRACE && (step === copied || step === restored)) trace.push({ step, [step === copied ? 'backup' : 'restore']: true })
    const one = random.of(devices)
    const table = random.of(NAMES)
    if (step === copied) {
      await still(async () => {
        await house.stop()
        before = backup(dir, join(home, 'copy'))
        await house.start()
      })
    }
    if (step === restored) {
      await still(async () => {
        await keep()
        await house.stop()
        before()
        before = undefined
        await house.start()
      })
    }
    const dice = random.below(100)
    if (dice < 10) await fresh(one, table)
    else if (dice < 60) await edit(one, table)
    else if (dice < 66) await remove(one, table)
    else if (dice < 74) await office(table)
    else if (dice < 82) await wire.straggler()
    else if (dice < 89) {
      counts.appKills++
      one.kill()
      await one.open()
    } else if (dice < 91) await crash()
    else if (dice < 93) await rights()
    else if (dice < 96) one.online = !one.online
    await pause(random.below(12))
  }

  wire.faults = false
  for (const one of devices) one.online = true
  if (!shared) await rights()
  const truth = async table => (await root.ask('GET', `/api/collections/${table}/records?perPage=500&filter=(patient="${ada.patient}")`)).body.items
  const plain = (rows, table) => rows.filter(row => row.patient === ada.patient).map(row => ['id', 'rev', ...TABLES[table].words].map(f => row[f]).join(' ')).sort()
  const apart = async () => {
    for (const one of devices) {
      for (const table of NAMES) {
        const [here, there] = [plain(await one.rows(table), table), plain(await truth(table), table)]
        const differ = [...here.filter(row => !there.includes(row)), 'but the server', ...there.filter(row => !here.includes(row))]
        if (differ.length > 1) return `${one.name} has ${table} ${differ.join('; ')}`
      }
    }
  }
  const faults = []
  const settling = performance.now()
  await until('all have the same', async () => !(await apart()), 15_000).catch(async () => {
    const where = await apart()
    if (where) faults.push(where)
  })
  const settled = since(settling)
  for (const one of devices) if (!(await one.sync.check())) faults.push(`${one.name} differs from the digest`)
  await keep()
  const present = JSON.stringify(await Promise.all(NAMES.map(truth)))
  const missing = book.missing(present)
  if (missing.length > 0) faults.push(`lost: ${missing.join('; ')}`)
  for (const one of devices) {
    await one.close()
    one.wipe()
  }
  await house.stop()
  rmSync(home, { recursive: true })
  const sum = Object.entries(counts).map(([what, n]) => `${n} ${what}`).join(', ')
  return { faults, text: `seed ${seed}: ${sum}, ${book.words.size} words, ${since(begun)}, the last ${settled} until all had the same` }
}

/** The seeds that the environment asks for, each on a copy of one data folder; the accounts of one server are known to all copies. */
export async function convergeAll(base, people) {
  const first = Number(process.env.FIRST ?? 1)
  for (let seed = first; seed < first + Number(process.env.SEEDS ?? 5); seed++) {
    const { faults, text } = await converge(seed, base, people)
    const pushes = trace.splice(0)
    if (process.env.TRACE && faults.length > 0) writeFileSync(`${process.env.TRACE}-${seed}.json`, JSON.stringify(pushes))
    check(`devices converge and no word is lost: ${text}`, faults.length === 0, faults.join('; '))
  }
}

if (process.argv[1] === import.meta.filename) {
  const base = demo()
  makeRoot(base)
  const house = await server(base)
  const people = [await account(house.url, ADA), await account(house.url, THERAPIST), await account(house.url, ROOT_EMAIL, '_superusers')]
  await house.stop()
  await convergeAll(base, people)
  finish()
}

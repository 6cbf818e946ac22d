// A whole client of the native exchange in one file, on plain fetch (docs/sync.md, "The native exchange"). Its database is a JSON
// file that is replaced as a whole: one local transaction. Runs in Node; in a browser put IndexedDB where the file is.
//
//   node example-exchange.mjs http://127.0.0.1:8090 ada@demo.interictal.test PASSWORD diary.json "a note for a new attack"
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const OWNERS_FIRST = ['patients', 'consents', 'diary_days', 'attacks', 'attack_readings', 'attack_phases', 'medications', 'medication_doses',
  'triggers', 'trigger_exposures', 'health_facts', 'safety_checks', 'safety_alerts', 'devices', 'neuromod_sessions', 'modality_sessions',
  'relaxation_sessions', 'exercises', 'exercise_versions', 'exercise_logs', 'plans', 'visits', 'goals', 'plan_items', 'change_reports', 'adverse_events', 'education_assignments', 'attack_plans']
const READ_ONLY = ['patients', 'health_facts', 'safety_alerts', 'exercises', 'exercise_versions', 'plans', 'visits', 'goals', 'plan_items']
const BATCH = 200

export function openPhone({ url, token, file, as = 'patient' }) {
  const fresh = { device: crypto.randomUUID(), n: 0, cursor: null, ack: null, reset: false, rows: {}, outbox: {}, refused: {}, leaving: [], erased: [] }
  let db = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : fresh
  let batch = BATCH

  /** All of it is on the disk, or none. */
  function commit(work) {
    const next = structuredClone(db)
    const result = work(next)
    writeFileSync(`${file}.new`, JSON.stringify(next))
    renameSync(`${file}.new`, file)
    db = next
    return result
  }
  const place = key => OWNERS_FIRST.indexOf(key.split('/')[0])
  const patientOf = (key, doc) => (key.startsWith('patients/') ? doc.id : doc.patient)
  const keep = (d, key, doc) => (doc && !doc._deleted ? (d.rows[key] = doc) : delete d.rows[key])

  /** Rule 1: the first change of a row puts what the server last said about it into the outbox, as its base. */
  const put = (collection, row) => commit(d => {
    const key = `${collection}/${row.id}`
    const entry = d.outbox[key] ?? { base: d.rows[key] ?? null }
    if (d.rows[key]?._deleted && !row._deleted) entry.base = null, delete d.rows[key].rev // taken out and brought back: a new row, not an old copy
    d.rows[key] = { _deleted: false, ...d.rows[key], ...row }
    d.outbox[key] = { ...entry, n: null, seen: row._deleted ? d.cursor : undefined } // other words: another number; a deletion says how far we had heard
    delete d.refused[key] // corrected: it goes again
  })

  /** Rule 2: numbers only grow, along the request too; the same words keep their number when they are sent again. */
  const outgoing = (d, putOff) => {
    const waiting = d.reset ? [] : Object.keys(d.outbox).filter(key => !d.refused[key] && !putOff.has(key))
    const rank = key => (d.rows[key]._deleted ? 100 - place(key) : place(key))
    let last = 0
    const push = waiting.sort((a, b) => rank(a) - rank(b)).slice(0, batch).map(key => {
      const entry = d.outbox[key]
      if (!entry.n || entry.n < last) entry.n = ++d.n
      last = entry.n
      return { n: entry.n, collection: key.split('/')[0], base: entry.base, state: d.rows[key], seen: entry.seen }
    })
    return { device: d.device, schema: 1, as, cursor: d.cursor, ack: d.ack, limit: 500, push, erased: d.erased }
  }

  /** Rule 3: an answer is filed in one transaction: verdicts, news, rights that ended, and only then the cursor. */
  const incoming = (d, request, answer, putOff) => {
    if (!request.cursor) for (const key of Object.keys(d.rows)) if (READ_ONLY.includes(key.split('/')[0])) delete d.rows[key]
    for (const v of answer.verdicts) {
      const sent = request.push.find(p => p.n === v.n)
      const key = `${sent.collection}/${sent.state.id}`
      if (d.outbox[key]?.n !== v.n) continue // written on meanwhile: it goes again from its old base, and the server knows this one
      if (v.verdict === 'refused' && v.data?.E_NOT_STORED) putOff.add(key) // the server's fault: not now, but later
      else if (v.verdict === 'refused' && d.leaving.includes(patientOf(key, sent.state))) delete d.outbox[key], delete d.rows[key]
      else if (v.verdict === 'refused') d.refused[key] = v // rule 4: it stays, with the reason, until somebody corrects it or gives it up
      else delete d.outbox[key], keep(d, key, v.verdict === 'handedOver' ? null : v.doc)
    }
    for (const { collection, doc } of answer.changes) {
      const key = `${collection}/${doc.id}`
      if (!d.outbox[key]) keep(d, key, doc) // rule 5: news about a row in the outbox wait for its verdict: only the server merges
      else if (doc._deleted) delete d.refused[key] // perhaps not ours any more: sent once more, it is handed over
    }
    // rule 6: whose rights have ended goes, as soon as nothing of theirs waits; said to the server until it has answered
    const back = new Set(answer.changes.filter(c => !c.doc._deleted).map(c => patientOf(`${c.collection}/`, c.doc)))
    d.leaving = [...new Set([...d.leaving, ...answer.revoked.map(r => r.patient)])].filter(p => !back.has(p))
    const theirs = patient => Object.keys(d.rows).filter(key => patientOf(key, d.rows[key]) === patient)
    for (const key of d.leaving.flatMap(theirs)) d.outbox[key] ? delete d.refused[key] : delete d.rows[key]
    const gone = d.leaving.filter(patient => !theirs(patient).length)
    d.leaving = d.leaving.filter(patient => !gone.includes(patient))
    d.erased = [...d.erased, ...gone].filter(patient => !request.erased.includes(patient) && !back.has(patient))
    d.reset &&= answer.more
    Object.assign(d, { cursor: answer.cursor, ack: answer.ack })
    const ready = Object.keys(d.outbox).some(key => !d.refused[key] && !putOff.has(key))
    return answer.more || d.erased.length > 0 || (ready && (!request.push.length || answer.verdicts.length > 0))
  }

  /** Rule 7: a server that came back from a backup: fetch all, then send every row again, under its `rev`. Unsent rows keep their base. */
  const startOver = d => {
    Object.assign(d, { cursor: null, ack: null, reset: true, refused: {} })
    for (const key of Object.keys(d.rows)) if (!READ_ONLY.includes(key.split('/')[0])) d.outbox[key] ??= { base: d.rows[key], n: null }
    return true
  }

  /** Sends and fetches until there is nothing left to do. What it throws leaves everything as it was: call it again later. */
  async function exchange() {
    const putOff = new Set()
    for (let more = true, resets = 0; more; ) {
      const request = commit(d => outgoing(d, putOff))
      const answer = await fetch(`${url}/api/sync/exchange`, { method: 'POST', headers: { Authorization: token, 'Content-Type': 'application/json' }, body: JSON.stringify(request) })
      const body = await answer.json().catch(() => ({}))
      if (answer.ok) more = commit(d => incoming(d, request, body, putOff))
      else if (body.data?.E_SYNC_RESET && !resets++) commit(startOver)
      else if (answer.status === 413 && batch > 1) batch = Math.ceil(Math.min(batch, request.push.length) / 2)
      else throw Object.assign(new Error(body.message), { status: answer.status, waitSeconds: Number(answer.headers.get('Retry-After')) || 5 })
    }
  }

  const rows = collection => Object.entries(db.rows).filter(([key, row]) => key.startsWith(`${collection}/`) && !row._deleted).map(([, row]) => row)
  return { put, exchange, rows, outbox: () => Object.keys(db.outbox), refused: () => db.refused, erase: () => rmSync(file) }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [, , url, identity, password, file, note] = process.argv
  const { token, record } = await (await fetch(`${url}/api/collections/users/auth-with-password`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ identity, password }) })).json()
  const phone = openPhone({ url, token, file })
  if (note) phone.put('attacks', { id: crypto.randomUUID().replaceAll('-', ''), patient: record.patient, started_at: new Date().toISOString(), note })
  await phone.exchange().catch(problem => console.log(`saved here, not sent: ${problem.message}`))
  console.log(`${phone.rows('attacks').length} attacks, ${phone.outbox().length} waiting`)
}

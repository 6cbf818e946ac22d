// The RxDB dialect with unmodified RxDB clients against the real binary: the published helper and example (../clients) tell stories, then
// comes the long random run (rxdb-converge.mjs). What others wrote, RxDB's own suite and the client of rxdb-server, is in rxdb-suite.mjs.
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { getAjv } from 'rxdb/plugins/validate-ajv'
import { ADA, THERAPIST, check, demo, finish, scratch, server } from './lib.mjs'
import { convergeAll } from './rxdb-converge.mjs'
import { ROOT_EMAIL, account, backup, makeRoot, newId, phone, until } from './rxdb-lib.mjs'

const base = demo()
makeRoot(base)
const dir = join(scratch(), 'data')
cpSync(base, dir, { recursive: true })
const house = await server(dir)
const { url } = house
const ada = await account(url, ADA)
const amira = await account(url, THERAPIST)
const root = await account(url, ROOT_EMAIL, '_superusers')
const problems = []
const onProblem = problem => problems.push(problem)
const served = async (collection, id) => (await root.ask('GET', `/api/collections/${collection}/records/${id}`)).body
const kept = async () => (await ada.ask('GET', '/api/sync/conflicts')).body.conflicts

const kitchen = phone({ url, name: 'kitchen', who: ada, onProblem })
const bedside = phone({ url, name: 'bedside', who: ada, names: ['attacks', 'medications'], onProblem })
const both = async () => {
  for (const one of [kitchen, bedside, kitchen]) await one.sync.inSync()
}
await kitchen.open()
await bedside.open()
await both()
const total = (await ada.ask('GET', '/api/collections/attacks/records?perPage=1')).body.totalItems
check('a new phone pulls the whole diary', (await kitchen.rows('attacks')).length === total && total > 10, `${total} attacks`)
check('it has what the server has', await kitchen.sync.check() && await bedside.sync.check())

// --- two phones of one person, off the network and on again
kitchen.online = bedside.online = false
const attack = (await kitchen.diary.beginAttack(new Date('2026-01-20T14:00:00Z'), { note: 'in the kitchen' })).id
const medicine = newId()
await bedside.add('medications', { id: medicine, patient: ada.patient, name: 'Naproxen', drug_class: 'simple_analgesic', indication: 'acute' })
check('offline, a row is there at once', (await kitchen.row('attacks', attack)).note === 'in the kitchen')
kitchen.online = bedside.online = true
await until('both rows are on the other phone', async () => (await bedside.row('attacks', attack)) && (await kitchen.row('medications', medicine)))
check('what was made offline comes to the other phone', true)

kitchen.online = bedside.online = false
await kitchen.change('medications', medicine, { strength: '500 mg', prescriber: 'Dr Lee' })
await bedside.change('medications', medicine, { name: 'Naproxen sodium', prescriber: 'Dr Kim' })
bedside.online = true
await until('the bedside phone has told', async () => (await served('medications', medicine)).prescriber === 'Dr Kim')
kitchen.online = true
await until('the kitchen phone has heard', async () => (await kitchen.row('medications', medicine)).prescriber === 'Dr Kim')
await both()
const merged = await served('medications', medicine)
check('different fields of one row merge', merged.strength === '500 mg' && merged.name === 'Naproxen sodium')
check('of one field the first word stands', merged.prescriber === 'Dr Kim')
check('the person is told which word lost', kitchen.told.length === 1 && kitchen.told[0].fields.join() === 'prescriber' && kitchen.told[0].wrote.prescriber === 'Dr Lee')
const lost = (await kitchen.sync.keptByServer()).find(c => c.doc === medicine)
check('the server keeps it', lost?.kind === 'conflict' && lost.detail.prescriber.lost === 'Dr Lee')
await ada.ask('POST', `/api/sync/conflicts/${lost.id}/resolve`, { take: 'lost' })
await until('the decision is on both phones', async () => (await kitchen.row('medications', medicine)).prescriber === 'Dr Lee' && (await bedside.row('medications', medicine)).prescriber === 'Dr Lee')
check('her decision reaches both phones', true)

// --- deleted, and made again
await kitchen.remove('attacks', attack)
await until('it is gone there', async () => !(await bedside.row('attacks', attack)))
await both()
check('a deleted row leaves no word on the other phone', !bedside.disk().includes('in the kitchen'))
await until('its own copy is empty too', () => !kitchen.disk().includes('in the kitchen'))
await kitchen.add('attacks', { id: attack, patient: ada.patient, started_at: '2026-01-20 14:00:00.000Z', note: 'after all' })
await until('it is back', async () => (await bedside.row('attacks', attack))?.note === 'after all')
check('a deleted row can be made again', (await served('attacks', attack)).note === 'after all')

// --- deleted here, while somebody hung a reading below it there
const reading = { patient: ada.patient, attack, at: '2026-01-20 15:00:00.000Z', nrs: 7 }
kitchen.online = false
await kitchen.remove('attacks', attack)
const hung = (await ada.ask('POST', '/api/collections/attack_readings/records', reading)).body.id
kitchen.online = true
await until('it is alive again', async () => (await kitchen.row('attacks', attack)) && (await kitchen.row('attack_readings', hung)))
check('a delete spares what its writer had not seen', (await served('attacks', attack)).note === 'after all' && kitchen.told.some(c => c.id === attack))
await kitchen.sync.inSync()
await kitchen.remove('attacks', attack)
await until('both are gone', async () => !(await bedside.row('attacks', attack)) && !(await kitchen.row('attack_readings', hung)))
check('and takes along what she had seen', (await served('attack_readings', hung)).status === 404)

// --- a document that the server refuses
const [bad, good] = [newId(), newId()]
await kitchen.database.collections.medications.bulkInsert([
  { id: bad, patient: ada.patient, name: '', note: 'the white ones', drug_class: 'triptan', indication: 'acute' },
  { id: good, patient: ada.patient, name: 'Rizatriptan', drug_class: 'triptan', indication: 'acute' },
])
await until('the good one has arrived', async () => (await served('medications', good)).name === 'Rizatriptan')
await until('the bad one has left the phone', async () => !(await kitchen.row('medications', bad)))
const rejected = (await kept()).find(c => c.doc === bad)
check('a refused row is kept, word for word', rejected?.kind === 'rejected' && JSON.stringify(rejected.detail).includes('the white ones'))
check('the person is told', kitchen.told.some(c => c.id === bad))
await kitchen.change('medications', good, { strength: '10 mg' })
await until('the queue goes on', async () => (await served('medications', good)).strength === '10 mg')
check('it does not stand in the way of the others', true)

// --- the server dies while the phone writes, and comes back
const notes = Array.from({ length: 30 }, (_, i) => ({ id: newId(), patient: ada.patient, started_at: new Date(Date.UTC(2025, 0, i + 1)).toISOString(), note: `note ${i}` }))
const typing = (async () => {
  for (const row of notes) {
    await kitchen.add('attacks', row)
    await new Promise(done => setTimeout(done, 5))
  }
})()
await until('a push has arrived', () => kitchen.asked.some(line => line === 'POST rxdb/attacks/push 200'))
await house.kill()
await typing
await house.start()
await both()
await until('all are on the other phone', async () => (await bedside.rows('attacks')).filter(row => row.note.startsWith('note ')).length === 30)
check('a kill -9 of the server loses nothing', await kitchen.sync.check() && await bedside.sync.check())

// --- the app dies while it synchronises
for (let i = 0; i < 5; i++) {
  await bedside.change('medications', medicine, { name: `Naproxen ${i}` })
  bedside.kill()
  await bedside.open()
}
await both()
check('a killed app loses nothing', (await served('medications', medicine)).name === 'Naproxen 4' && await bedside.sync.check())

// --- a restored backup
await kitchen.sync.stop() // for the copies the folder lies still
await bedside.sync.stop()
await house.stop()
const restore = backup(dir, join(scratch(), 'copy'))
await house.start()
await bedside.close()
await bedside.open()
await kitchen.close()
await kitchen.open()
const after = newId()
await bedside.add('medications', { id: after, patient: ada.patient, name: 'Topiramate', drug_class: 'preventive', indication: 'preventive' })
await bedside.change('medications', medicine, { strength: '250 mg' })
await until('it is on the other phone', async () => (await kitchen.row('medications', after)) && (await kitchen.row('medications', medicine)).strength === '250 mg')
await kitchen.change('medications', good, { note: 'only with water' }) // pushed; the answer to this is all the phone has of it
await until('it has arrived', async () => (await served('medications', good)).note === 'only with water')
await house.stop()
restore()
await house.start()
check('the backup has forgotten', (await served('medications', after)).status === 404)
await until('the phone has said it again', async () => (await served('medications', after)).name === 'Topiramate')
await until('and its changes', async () => (await served('medications', medicine)).strength === '250 mg' && (await served('medications', good)).note === 'only with water')
await both()
check('a restored backup loses nothing that a phone knows', await kitchen.sync.check() && await bedside.sync.check())
check('the server has told of the reset', [kitchen, bedside].every(one => one.asked.includes('GET rxdb/medications/pull 409')))
await bedside.close()

// --- a therapist's device
const desk = phone({ url, name: 'desk', who: amira, as: 'staff', names: ['attacks', 'medications'], onProblem })
await desk.open()
await desk.sync.inSync()
const adas = async () => (await desk.rows('attacks')).filter(row => row.patient === ada.patient).length
check('a therapist holds the diary of a patient', (await adas()) === (await kitchen.rows('attacks')).length)
check('and what the server says she must hold', await desk.sync.check())
desk.online = false
await desk.change('medications', medicine, { note: 'asked by phone' })
const links = encodeURIComponent(`(patient="${ada.patient}" && member="${amira.id}" && until="")`)
const link = (await root.ask('GET', `/api/collections/care_links/records?filter=${links}`)).body.items[0]
await root.ask('PATCH', `/api/collections/care_links/records/${link.id}`, { until: new Date().toISOString() })
desk.online = true
await until('her device is empty of ada', async () => !(await adas()) && !(await desk.rows('medications')).some(row => row.patient === ada.patient))
await desk.sync.inSync()
check('a right that ended empties the device', await desk.sync.check())
check('no word of it is left on the disk', !desk.disk().includes('Naproxen') && !desk.disk().includes('note 7') && !desk.disk().includes('asked by phone'))
check('what she had not sent is kept for the new team', (await kept()).some(c => c.kind === 'handed_over' && JSON.stringify(c.detail).includes('asked by phone')))
await desk.close()
await kitchen.close()

// --- every document that is served, deleted ones too, is what the published schema says
await ada.ask('DELETE', `/api/collections/attacks/records/${notes[0].id}`)
const { collections } = (await ada.ask('GET', '/api/sync/schema')).body
for (const [who, as] of [[ada, 'patient'], [amira, 'staff']]) {
  let [seen, dead] = [0, 0]
  const faults = []
  for (const { collection, jsonSchema } of collections) {
    const valid = getAjv().compile({ ...jsonSchema, additionalProperties: false })
    for (let at = '', full = true; full; ) {
      const { documents, checkpoint } = (await who.ask('GET', `/api/sync/rxdb/${collection}/pull?limit=200&as=${as}${at}`)).body
      for (const doc of documents) if (!valid(doc)) faults.push(`${collection}/${doc.id} ${JSON.stringify(valid.errors)}`)
      seen += documents.length
      dead += documents.filter(doc => doc._deleted).length
      full = documents.length === 200
      at = `&epoch=${checkpoint.epoch}&seq=${checkpoint.seq}`
    }
  }
  check(`all that is served to ${as === 'staff' ? 'the therapist' : 'the patient'} fits the published schemas`, faults.length === 0 && seen > 100 && dead > 0, faults[0] ?? `${seen} documents, ${dead} deleted`)
}
await house.stop()
await convergeAll(base, [ada, amira, root])
finish()

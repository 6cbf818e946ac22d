// The unmodified PocketBase SDK: a therapist follows three patients, each by the patient's topic and by one of a collection.
// One link ends: those topics are told so and dropped, the others live on, also over a server that is killed and comes back.
import { EventSource } from 'eventsource'
import PocketBase from 'pocketbase'
import { PASSWORD, THERAPIST, check, demo, finish, pause, server, since } from './lib.mjs'

globalThis.EventSource = EventSource
const { url, start, stop, kill } = await server(demo())
const patients = ['ada000000000000', 'ben000000000000', 'cyr000000000000']
const [ada, ...stay] = patients

const amira = new PocketBase(url)
await amira.collection('users').authWithPassword(THERAPIST, PASSWORD)
const root = new PocketBase(url)
await root.collection('_superusers').authWithPassword('root@demo.interictal.test', PASSWORD)

// she runs the clinic too, and would still see the names of all patients: here she is a therapist and nothing else
const [admin] = await root.collection('practitioners').getFullList({ filter: `user="${amira.authStore.record.id}" && role="clinic_admin"` })
await root.collection('practitioners').update(admin.id, { active: false })

const heard = [] // `topic of patient: what`
const say = (topic, { action, record }) => heard.push(`${topic}: ${action}${record ? ` ${record.collectionName}/${record.id}` : ''}`)
let connections = 0
await amira.realtime.subscribe('PB_CONNECT', () => connections++)
for (const patient of patients) {
  await amira.collection('patients').subscribe(patient, hint => say(patient, hint))
  await amira.collection('attacks').subscribe('*', hint => say(`attacks of ${patient}`, hint), { filter: amira.filter('patient={:patient}', { patient }) })
}

let written = 0
/** A new attack of each; gives back what should be heard of it. */
async function write(of) {
  const expected = []
  for (const patient of of) {
    const { id } = await root.collection('attacks').create({ patient, started_at: new Date().toISOString(), note: `number ${++written}` })
    expected.push([patient, `${patient}: create attacks/${id}`], [patient, `attacks of ${patient}: create attacks/${id}`])
  }
  return expected
}
async function hears(expected) {
  for (const end = Date.now() + 15_000; Date.now() < end && !expected.every(line => heard.includes(line)); ) await pause(20)
  return expected.filter(line => !heard.includes(line))
}
const lines = expected => expected.map(([, line]) => line)

let t = performance.now()
let missing = await hears(lines(await write(patients)))
check('three patients, six topics: all hear', !missing.length, missing.join() || since(t))

// --- one link ends
const links = await root.collection('care_links').getFullList({ filter: `patient="${ada}" && member="${amira.authStore.record.id}" && until=""` })
t = performance.now()
for (const link of links) await root.collection('care_links').update(link.id, { until: new Date().toISOString() })
missing = await hears([`${ada}: revoked`, `attacks of ${ada}: revoked`])
check('one link ends: both its topics are told', links.length > 0 && !missing.length, missing.join() || since(t))
const quiet = heard.length
const all = await write(patients)
missing = await hears(lines(all.filter(([of]) => of !== ada)))
check('the other two hear on', !missing.length, missing.join())
await pause(1_000) // twice as long as the server needs to notice a write of any kind
const leaked = lines(all.filter(([of]) => of === ada)).filter(line => heard.includes(line))
check('and of the third nothing is told any more', !leaked.length && heard.length > quiet, leaked.join())

// --- the server is killed and comes back
const before = connections
const told = heard.length
await kill()
await start()
for (const end = Date.now() + 30_000; Date.now() < end && connections === before; ) await pause(50)
check('the SDK is connected again after a kill', connections > before)
t = performance.now()
let expected = []
for (const end = Date.now() + 15_000; Date.now() < end; await pause(300)) { // what is written before it has subscribed again is not told; it fetches for that
  expected = await write(patients)
  await pause(300)
  if (!lines(expected.filter(([of]) => of !== ada)).some(line => !heard.includes(line))) break
}
missing = await hears(lines(expected.filter(([of]) => of !== ada)))
check('the two that stayed are live again and hear a write', !missing.length, missing.join() || since(t))
const again = heard.slice(told).filter(line => line.startsWith(ada) || line.startsWith(`attacks of ${ada}`))
check('the one that ended hears only that it has ended', again.every(line => line.endsWith(': revoked')) && again.length > 0, again.join())
check('and what it missed is there to be fetched, for those two only', await amira.collection('attacks').getFullList({ filter: `patient="${stay[0]}"` }).then(items => items.length > 0)
  && await amira.collection('attacks').getFullList({ filter: `patient="${ada}"` }).then(items => !items.length, problem => problem.status >= 400))

await amira.realtime.unsubscribe()
await stop()
finish()

import { EventSource as Real } from 'eventsource'
import { pathToFileURL } from 'node:url'
globalThis.PB_ERR = []
class Logged extends Real { constructor(...a){ super(...a); const t0=Date.now(); this.addEventListener('error', e => console.log('SSE error', e.code, e.message, 'after', Date.now()-t0, 'ms')); this.addEventListener('PB_CONNECT', e => console.log('connect', e.lastEventId.slice(0,6))) } }
globalThis.EventSource = Logged
import PocketBase from 'pocketbase'
import { demo, pause, server } from './lib.mjs'
const { url, stop } = await server(demo())
const soon = async (f, ms = 3000) => { for (const end = Date.now() + ms; Date.now() < end; await pause(5)) if (await f()) return true; return false }
let lost=0
for (let i = 0; i < 40; i++) {
  const ada = new PocketBase(url); ada.autoCancellation(false)
  await ada.collection('users').authWithPassword('ada@demo.interictal.test', 'interictal-demo')
  const patient = ada.authStore.record.patient
  const hits = []
  await ada.collection('attacks').subscribe('*', h => hits.push(h)); await ada.realtime.subscribe('PB_CONNECT', () => {})
  let t = await ada.collection('triggers').create({ patient, name: 'x' + i, kind: 'yes_no' })
  let s=''
  await ada.collection('triggers').subscribe(t.id, h => (s = h.record?.rev))
  t = await ada.collection('triggers').update(t.id, { note: 'b' + i })
  if (!(await soon(() => s === t.rev))) { lost++; console.log('LOST', i, s, t.rev, (await (await fetch(url+'/api/health/ready')).json())) }
  await ada.realtime.unsubscribe()
}
console.log('lost', lost); await stop(); process.exit()

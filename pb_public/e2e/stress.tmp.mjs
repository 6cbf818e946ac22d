import PocketBase from 'pocketbase'
import { EventSource } from 'eventsource'
import { demo, pause, server } from './lib.mjs'
globalThis.EventSource = EventSource
const { url, stop } = await server(demo())
const ada = new PocketBase(url); ada.autoCancellation(false)
await ada.collection('users').authWithPassword('ada@demo.interictal.test', 'interictal-demo')
const patient = ada.authStore.record.patient
let t = await ada.collection('triggers').create({ patient, name: 'x', kind: 'yes_no' })
const N = +process.argv[2] || 200
const soon = async (f, ms = 3000) => { for (const end = Date.now() + ms; Date.now() < end; await pause(5)) if (f()) return true; return false }
// A: one subscription stands, many updates one after the other
let seen = ''
await ada.collection('triggers').subscribe('*', h => (seen = h.record?.rev))
let lost = 0
for (let i = 0; i < N; i++) { t = await ada.collection('triggers').update(t.id, { note: 'a' + i }); if (!(await soon(() => seen === t.rev))) { lost++ ; console.log('lost', i, t.rev, seen) } }
console.log('A standing subscription: lost', lost, 'of', N)
await ada.collection('triggers').unsubscribe()
// B: subscribe, then update at once
lost = 0
for (let i = 0; i < N; i++) { let s = ''; const un = await ada.collection('triggers').subscribe(t.id, h => (s = h.record?.rev)); t = await ada.collection('triggers').update(t.id, { note: 'b' + i }); if (!(await soon(() => s === t.rev, 1500))) lost++; await un() }
console.log('B subscribe then update: lost', lost, 'of', N)
await stop(); process.exit()

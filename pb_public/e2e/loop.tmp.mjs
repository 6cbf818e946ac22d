import { EventSource } from 'eventsource'
globalThis.EventSource = EventSource
import PocketBase from 'pocketbase'
import { demo, pause, server } from './lib.mjs'
const { url, stop } = await server(demo())
const ada = new PocketBase(url); ada.autoCancellation(false)
await ada.collection('users').authWithPassword('ada@demo.interictal.test', 'interictal-demo')
let posts = 0; ada.beforeSend = (u, o) => { if (u.endsWith('/api/realtime')) posts++; return { url: u, options: o } }
let n = 0; const data = []
await ada.collection('attacks').subscribe('*', () => {})
await ada.realtime.subscribe('PB_CONNECT', m => (n++, data.push(JSON.stringify(m))))
await pause(2000)
console.log('PB_CONNECT callbacks in 2 s:', n, 'POSTs of subscriptions:', posts, [...new Set(data)].slice(0, 3))
await stop(); process.exit()

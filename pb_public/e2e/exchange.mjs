// The example client of docs/sync.md, as it is, against the real binary: run as a program, then as two phones and a therapist's device.
import { execFile } from 'node:child_process'
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { openPhone } from '../clients/example-exchange.mjs'
import { ADA, PASSWORD, THERAPIST, check, demo, finish, scratch, server } from './lib.mjs'

const EXAMPLE = resolve(import.meta.dirname, '../clients/example-exchange.mjs')
const dir = demo()
const { url, start, stop } = await server(dir)
const folder = scratch()
const api = async (method, path, token, body) => (await fetch(url + path, { method, headers: { 'content-type': 'application/json', authorization: token }, body: body && JSON.stringify(body) })).json()
const login = async (identity, collection = 'users') => api('POST', `/api/collections/${collection}/auth-with-password`, '', { identity, password: PASSWORD })
const id = () => crypto.randomUUID().replaceAll('-', '')

check('at most 120 lines', readFileSync(EXAMPLE, 'utf8').trimEnd().split('\n').length <= 120)
const run = async note => (await promisify(execFile)(process.execPath, [EXAMPLE, url, ADA, PASSWORD, join(folder, 'diary.json'), ...(note ? [note] : [])])).stdout.trim()
const first = await run()
check('run as a program: it fetches the diary', /^\d+ attacks, 0 waiting$/.test(first), first)
const second = await run('from the example')
check('and adds to it', parseInt(second) === parseInt(first) + 1 && second.endsWith(', 0 waiting'), second)

const { token, record: ada } = await login(ADA)
const phone = name => openPhone({ url, token, file: join(folder, `${name}.json`) })
const [one, two] = [phone('one'), phone('two')]
await one.exchange()
await two.exchange()
const versions = p => p.rows('attacks').map(r => `${r.id}:${r.rev}`).sort().join()
const same = () => versions(one) === versions(two)
const attack = { id: id(), patient: ada.patient, started_at: '2026-01-05 14:00:00.000Z', note: '' }
one.put('attacks', attack)
await one.exchange()
await two.exchange()
one.put('attacks', { id: attack.id, note: 'dark room' })
two.put('attacks', { id: attack.id, peak_nrs: 6 })
for (const p of [one, two, one]) await p.exchange()
const now = p => p.rows('attacks').find(r => r.id === attack.id)
check('two phones, different fields: both are kept', now(one).note === 'dark room' && now(one).peak_nrs === 6 && same())

one.put('attacks', { id: attack.id, peak_nrs: 99 })
const reading = { id: id(), patient: ada.patient, attack: attack.id, at: '2026-01-05 15:00:00.000Z', nrs: 4 }
one.put('attack_readings', reading)
await one.exchange()
const [reason] = Object.values(one.refused())
check('a refused entry stays with its reason and stops no other', reason.data.E_VALUE.params.field === 'peak_nrs' && one.outbox().length === 1 && one.rows('attack_readings').some(r => r.id === reading.id && r.rev))
one.put('attacks', { id: attack.id, peak_nrs: 9 })
await one.exchange()
check('corrected, it is taken', !one.outbox().length && !Object.keys(one.refused()).length && now(one).peak_nrs === 9)

// --- a phone that is shut off while the server is away
await stop()
one.put('attacks', { id: attack.id, note: 'no network' })
const away = await one.exchange().catch(problem => problem)
const again = phone('one')
check('without a server all is kept, also over a restart', away instanceof Error && again.outbox().length === 1)
await start()
await again.exchange()
check('and goes when it is back', !again.outbox().length)

// --- a backup comes back
await stop()
const copy = scratch()
cpSync(dir, copy, { recursive: true })
await start()
again.put('attacks', { id: attack.id, note: 'after the backup' })
again.put('attacks', { ...attack, id: id(), note: 'new after the backup' })
await again.exchange()
again.put('attacks', { id: attack.id, nausea: true }) // unsent
await stop()
rmSync(dir, { recursive: true })
cpSync(copy, dir, { recursive: true })
await start()
await again.exchange()
await two.exchange()
const notes = two.rows('attacks').map(r => r.note)
check('what the backup lacked comes back from the phone', notes.includes('new after the backup') && now(two).note === 'after the backup' && now(two).nausea === true && !again.outbox().length)

// --- a member of staff whose patient is taken from her
const { token: hers, record: amira } = await login(THERAPIST)
const desk = openPhone({ url, token: hers, file: join(folder, 'desk.json'), as: 'staff' })
await desk.exchange()
check('staff: the device holds several patients', new Set(desk.rows('attacks').map(r => r.patient)).size > 2)
desk.put('attacks', { ...attack, id: id(), note: 'told on the phone' })
const { token: root } = await login('root@demo.interictal.test', '_superusers')
const { items } = await api('GET', `/api/collections/care_links/records?filter=${encodeURIComponent(`patient="${ada.patient}" && member="${amira.id}" && until=""`)}`, root)
for (const link of items) await api('PATCH', `/api/collections/care_links/records/${link.id}`, root, { until: new Date().toISOString() })
await desk.exchange()
const text = readFileSync(join(folder, 'desk.json'), 'utf8')
check('staff: nothing of a patient who left is in the file', !text.includes(ada.patient) && !text.includes('told on the phone'))
const { conflicts } = await api('GET', '/api/sync/conflicts', token)
check('staff: what was unsent is handed over', conflicts.some(c => c.kind === 'handed_over' && c.detail.note === 'told on the phone'))
const audit = await api('GET', `/api/collections/audit_events/records?filter=${encodeURIComponent(`action="erase" && actor="${amira.id}" && patient="${ada.patient}"`)}`, root)
check('staff: the erasure is confirmed', audit.items.length === 1)

await stop()
finish()

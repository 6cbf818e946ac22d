// The whole promise: sign in, lose the server, log an attack, reload, restart the browser, come back, and the therapist's
// page, open all the time, shows it. Then again over a restart of the server, a session that ran out, and a second device.
import { ADA, PASSWORD, THERAPIST, check, demo, desk, finish, holds, pause, phone, scratch, server, signIn, since } from './lib.mjs'

const faults = []
const { url, start, stop } = await server(demo())
const api = async (path, token, body) => {
  const answer = await fetch(url + path, { method: body ? 'POST' : 'GET', headers: { 'content-type': 'application/json', authorization: token }, body: body && JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${path} ${answer.status} ${await answer.text()}`)
  return answer.json()
}
const login = async identity => (await api('/api/collections/users/auth-with-password', '', { identity, password: PASSWORD })).token

// --- first visit, online
const profile = scratch()
let ada = await phone(profile, faults)
let page = await ada.newPage()
let t = performance.now()
await page.goto(`${url}/app/`)
await page.getByLabel('Email').waitFor()
check('first visit interactive', true, since(t))
await signIn(page, ADA)
await page.getByText('Up to date').waitFor()
await page.evaluate(() => navigator.serviceWorker.ready)
const cached = await page.evaluate(async () => (await (await caches.open((await caches.keys())[0])).keys()).map(r => new URL(r.url).pathname))
check('the service worker holds the app and nothing of the therapist', cached.includes('/app/') && !cached.some(f => /therapist/.test(f)), `${cached.length} files`)

const attackNow = () => page.getByRole('button', { name: 'Attack now', exact: true })
const isOver = () => page.getByRole('button', { name: 'It is over' })
const end = async () => (await isOver().click(), await page.getByRole('button', { name: 'Just now' }).click(), await attackNow().waitFor())
const patient = await page.evaluate(() => JSON.parse(localStorage.getItem('interictal-auth-app')).record.patient)
await page.getByTestId('recent').or(page.getByText('No attacks here yet')).waitFor()
if (await isOver().isVisible()) await end()
await page.getByText('Up to date').waitFor()

let exchanges = 0
page.on('request', request => request.url().endsWith('/api/sync/exchange') && exchanges++)
await pause(2000)
check('with nothing new the phone is silent', exchanges <= 1, `${exchanges} exchanges in 2 s`)

// --- the therapist is watching
const amira = await desk(scratch(), faults)
const board = await amira.newPage()
await board.goto(`${url}/therapist/`)
await signIn(board, THERAPIST)
const row = board.locator(`tr[data-patient="${patient}"]`)
const marked = row.getByText('attack now')
await row.waitFor()
await board.getByText('live').waitFor()
await holds('the therapist sees no open attack', async () => !(await marked.isVisible()))
const attacks = async () => (await api(`/api/collections/attacks/records?perPage=500&filter=${encodeURIComponent(`patient="${patient}"`)}`, await login(THERAPIST))).items
const before = (await attacks()).length

// --- the server goes away, and the network too
await stop()
await ada.setOffline(true)
await page.reload()
await attackNow().waitFor()
t = performance.now()
await attackNow().click()
await isOver().waitFor()
check('offline: one tap logs', true, since(t))
await page.getByRole('button', { name: /^Moderate/ }).click()
await page.getByRole('status').filter({ hasText: 'Moderate, noted.' }).waitFor({ state: 'attached' }) // said only once it is on disk
await page.getByText('2 waiting, saved on this phone').waitFor()
await page.getByRole('button', { name: 'Undo' }).click()
await page.getByRole('status').filter({ hasText: 'Taken back.' }).waitFor({ state: 'attached' })
await page.getByRole('button', { name: /^Moderate/, pressed: false }).waitFor()
check('offline: undo', true)
await page.reload()
exchanges = 0
t = performance.now()
await pause(3000)
check('offline: it tries again every few seconds, no more', exchanges <= 2 + Math.round((performance.now() - t) / 3000), `${exchanges} tries in ${since(t)}`) // a timer may go off a hair early
await page.getByText('2 waiting, saved on this phone').waitFor() // the reading's removal too: it may have been sent
await isOver().waitFor()
check('offline: survives a reload', true)

// --- the phone is restarted, still offline
await ada.close()
ada = await phone(profile, faults)
await ada.setOffline(true)
page = await ada.newPage()
t = performance.now()
await page.goto(`${url}/app/?x=1`)
await page.getByText('2 waiting, saved on this phone').waitFor()
await isOver().waitFor()
check('offline: cold start after a browser restart', true, since(t))
await page.getByRole('link', { name: 'Check now' }).click()
await holds('offline: the red-flag advice opens', () => page.getByText('Call for help now').isVisible())
await page.getByRole('link', { name: 'Back' }).first().click()
await holds('the therapist is told that her page is old', () => board.getByText(/last update .*, reconnecting/).isVisible())

// --- and back
await start()
t = performance.now()
await ada.setOffline(false)
await page.getByText('Up to date').waitFor()
check('back online: sent without a tap', true, since(t))
await marked.waitFor({ timeout: 20_000 })
check('the therapist’s open page shows it, no reload', true, since(t))
await holds('the new attack is announced', async () => /1 new attack .*Ada/.test(await board.getByTestId('news').textContent()))
await holds('exactly once', async () => (await attacks()).length === before + 1)

// --- live: over a restart of the server, with both pages open
await stop()
await start()
await board.getByText('live').waitFor({ timeout: 20_000 })
t = performance.now()
await end()
await marked.waitFor({ state: 'hidden', timeout: 20_000 })
check('after a server restart: the end reaches the therapist', true, since(t))
await page.getByText('Up to date').waitFor()
t = performance.now()
await attackNow().click()
await marked.waitFor()
check('live: tap to therapist', true, since(t))
await page.getByText('Up to date').waitFor()

// --- taken out, then brought back, all with the server listening
await page.getByRole('button', { name: 'That was a mistake' }).click()
await marked.waitFor({ state: 'hidden' })
await holds('a mistake disappears from the therapist’s page', async () => (await attacks()).length === before + 1)
await page.getByRole('button', { name: 'Undo' }).click()
await isOver().waitFor()
await marked.waitFor()
await page.getByText('Up to date').waitFor()
await holds('undo after it was sent brings it back', async () => (await attacks()).length === before + 2)

// --- news from another device
const token = await login(ADA)
const newest = (await attacks()).find(a => !a.ended_at && !a.end_known)
t = performance.now()
await api('/api/sync/exchange', token, {
  device: 'another-phone', schema: 1, cursor: null, ack: null, limit: 1,
  push: [{ n: 1, collection: 'attacks', base: null, state: { id: newest.id, patient, _deleted: false, nausea: true } }],
})
await page.getByRole('button', { name: 'Add signs' }).click()
await page.getByRole('button', { name: 'Feel sick yes' }).waitFor()
check('a change from another device arrives', true, since(t))
await end()
await page.getByText('Up to date').waitFor()

// --- the session runs out: sending stops, logging does not
await page.evaluate(() => {
  const auth = JSON.parse(localStorage.getItem('interictal-auth-app'))
  localStorage.setItem('interictal-auth-app', JSON.stringify({ ...auth, token: auth.token.slice(0, -4) + 'AAAA' }))
})
await page.reload()
await page.getByTestId('sync').filter({ hasText: 'Sign in to send' }).waitFor()
await page.getByRole('button', { name: '3', exact: true }).first().click()
await page.getByRole('status').filter({ hasText: 'Neck 3, noted.' }).waitFor({ state: 'attached' })
await page.getByRole('link', { name: 'Sign in to send' }).click()
await signIn(page, ADA)
await page.getByText('Up to date').waitFor()
check('an expired session stops sending, not logging', true)

// --- a server that asks to be left alone is left alone, and the entries go when it is ready
const neckKeys = page.getByRole('group', { name: 'Neck pain today' })
let asked = 0
await page.route('**/api/sync/exchange', route => (asked++, route.fulfill({ status: 503, headers: { 'Retry-After': '5' }, json: { status: 503, message: 'Closing.', data: {} } })))
t = performance.now()
for (const nrs of ['1', '2', '4']) await neckKeys.getByRole('button', { name: nrs, exact: true }).click()
await page.getByText('1 waiting, saved on this phone').waitFor()
await pause(4500 - (performance.now() - t))
check('503 with Retry-After: not asked again before its time', asked === 1, `${asked} in 4.5 s`)
await page.unrouteAll({ behavior: 'ignoreErrors' })
await page.getByText('Up to date').waitFor()
check('503 with Retry-After: sent afterwards, without a tap', true, since(t))
await page.getByRole('link', { name: 'More' }).click()
await page.getByRole('link', { name: 'Settings and sync' }).click()
await page.getByText(/^yes, at \d\d:\d\d$/).waitFor()
check('phone and server are proven to hold the same', true)
await page.getByRole('link', { name: 'Today', exact: true }).click()

// --- the icon's shortcut
const attackCount = (await attacks()).length
await page.goto(`${url}/app/?log=now`)
await isOver().waitFor()
await page.reload()
await isOver().waitFor()
await end()
await page.getByText('Up to date').waitFor()
await holds('?log=now logs at once, and once', async () => (await attacks()).length === attackCount + 1)

// --- a second phone of the same person ends up with the same
const second = await phone(scratch(), faults)
const other = await second.newPage()
await other.goto(`${url}/app/`)
await signIn(other, ADA)
await other.getByText('Up to date').waitFor()
const recent = p => p.getByTestId('recent').innerText()
await other.getByTestId('recent').waitFor()
await holds('a second phone shows the same attacks', async () => (await recent(other)) === (await recent(page)))

// --- many tabs: a browser gives a server six connections
const tabs = await Promise.all(Array.from({ length: 7 }, () => ada.newPage()))
t = performance.now()
await Promise.all(tabs.map(tab => tab.goto(`${url}/app/`)))
await Promise.all(tabs.map(tab => tab.getByText('Up to date').waitFor()))
check('B-20 eight tabs all reach the server', true, since(t))

// --- sign out erases the phone
await other.getByRole('link', { name: 'More' }).click()
await other.getByRole('link', { name: 'Settings and sync' }).click()
await other.getByRole('button', { name: 'Sign out and erase this phone' }).click()
await other.getByRole('button', { name: 'Yes, erase' }).click()
await other.getByLabel('Email').waitFor()
const left = await other.evaluate(async () => [await navigator.storageBuckets.keys(), (await indexedDB.databases()).map(d => d.name), Object.keys(localStorage)].flat())
check('signing out leaves nothing of the diary on the phone', !left.some(name => /interictal-(auth|me|erase|[a-z0-9]{15})/.test(name)), left.join())

check('no page error, no policy violation, nothing asked elsewhere', !faults.length, faults.join('; '))
await Promise.all([ada.close(), amira.close(), second.close()])
await stop()
finish()

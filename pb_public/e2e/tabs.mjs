// One account in several tabs, on several phones, and two accounts on one phone; and a server that came back from a backup.
// The real binary, really stopped.
import { cpSync, rmSync } from 'node:fs'
import { ADA, PASSWORD, check, demo, finish, holds, pause, phone, scratch, server, signIn, since } from './lib.mjs'

const BEN = 'ben@demo.interictal.test'
const faults = []
const dir = demo()
const { url, start, stop } = await server(dir)
const api = async (path, token) => (await fetch(url + path, { headers: { authorization: token } })).json()
const login = async identity =>
  (await (await fetch(`${url}/api/collections/users/auth-with-password`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ identity, password: PASSWORD }) })).json()).token
const until = async (what, ask) => {
  for (const end = Date.now() + 15_000; Date.now() < end; await pause(50)) if (await ask()) return true
  console.log(`     waited in vain for ${what}`)
  return false
}

const attackNow = page => page.getByRole('button', { name: 'Attack now', exact: true })
const isOver = page => page.getByRole('button', { name: 'It is over' })
const upToDate = page => page.getByText('Up to date').waitFor()
async function end(page) {
  await isOver(page).click()
  await page.getByRole('button', { name: 'Just now' }).click()
  await attackNow(page).waitFor()
}
async function open(context, email) {
  const page = await context.newPage()
  await page.goto(`${url}/app/`)
  if (email) await signIn(page, email)
  await upToDate(page)
  return page
}
const recent = page => page.getByTestId('recent').innerText()

/** Counts exchanges and event streams of a phone: how many at once, how many in all. */
function watch(context) {
  const seen = { exchanges: 0, atOnce: 0, most: 0, streams: new Map(), listener: () => [...seen.streams.values()][0] }
  const done = request => request.url().endsWith('/api/sync/exchange') && seen.atOnce--
  context.on('request', request => {
    const { pathname } = new URL(request.url())
    if (pathname === '/api/realtime' && request.method() === 'GET') seen.streams.set(request, request.frame().page())
    if (pathname !== '/api/sync/exchange') return
    seen.exchanges++
    seen.most = Math.max(seen.most, ++seen.atOnce)
  })
  context.on('requestfinished', done)
  context.on('requestfailed', done)
  for (const event of ['requestfinished', 'requestfailed']) context.on(event, request => seen.streams.delete(request))
  context.on('page', page => page.on('close', () => seen.streams.forEach((of, request) => of === page && seen.streams.delete(request))))
  return seen
}

// --- two tabs of one account
const mine = await phone(scratch(), faults)
const seen = watch(mine)
let [one, two] = [await open(mine, ADA), await open(mine)]
await one.getByTestId('recent').waitFor()
if (await isOver(one).isVisible()) await end(one), await upToDate(one)
let t = performance.now()
await attackNow(one).click()
await isOver(two).waitFor()
check('two tabs: one writes, the other shows it', true, since(t))
await Promise.all([one, two].map(upToDate))
await Promise.all([
  one.getByRole('button', { name: /^Moderate/ }).click(),
  two.getByRole('button', { name: /^Severe/ }).click(),
  two.getByRole('button', { name: 'Fading' }).click(),
])
await Promise.all([one, two].map(page => page.getByText('Fading since').waitFor()))
await Promise.all([one, two].map(upToDate))
check('two tabs: one exchange at a time', seen.most === 1, `${seen.exchanges} exchanges, ${seen.most} at once`)
check('two tabs: one event stream in all', seen.streams.size === 1, `${seen.streams.size}`)
const locks = await one.evaluate(async () => (await navigator.locks.query()).held.map(l => l.name).filter(n => n.startsWith('listen ')))
check('two tabs: one of them listens', locks.length === 1, locks.join())
const [left, other] = seen.listener() === one ? [one, two] : [two, one]
await left.close()
check('the listening tab is closed: the other one listens', await until('the other tab to listen', () => seen.listener() === other))
one = other
await end(one)
await upToDate(one)

// --- two phones of one account
const twin = await phone(scratch(), faults)
const far = await open(twin, ADA)
await far.getByTestId('recent').waitFor()
await holds('two phones show the same', async () => (await recent(far)) === (await recent(one)))
await stop()
await Promise.all([mine, twin].map(c => c.setOffline(true)))
await attackNow(one).click()
await isOver(one).waitFor()
await one.getByText('waiting, saved on this phone').waitFor()
const neck = page => page.getByRole('group', { name: 'Neck pain today' })
await neck(far).getByRole('button', { name: '7', exact: true }).click()
await far.getByText('waiting, saved on this phone').waitFor()
await start()
t = performance.now()
await Promise.all([mine, twin].map(c => c.setOffline(false)))
await Promise.all([one, far].map(upToDate))
await isOver(far).waitFor()
await neck(one).getByRole('button', { name: '7', exact: true, pressed: true }).waitFor()
check('two phones, both away: each has what the other wrote', true, since(t))
await end(far)
await attackNow(one).waitFor()
await Promise.all([one, far].map(upToDate))

// --- two accounts on one phone
const stores = page => page.evaluate(async () => [...((await navigator.storageBuckets?.keys()) ?? []), ...(await indexedDB.databases()).map(d => d.name)].sort())
await mine.setOffline(true)
await attackNow(one).click()
await isOver(one).waitFor()
await one.getByText('1 waiting, saved on this phone').waitFor()
const hers = await recent(one)
const second = await mine.newPage()
await second.goto(`${url}/app/`)
await isOver(second).waitFor()
const deaf = await mine.newPage() // a tab that does not hear who signs in elsewhere
await deaf.addInitScript(() => addEventListener('storage', event => event.stopImmediatePropagation(), true))
await deaf.goto(`${url}/app/`)
await isOver(deaf).waitFor()
const adas = await second.evaluate(() => JSON.parse(localStorage.getItem('interictal-auth-app')).record.id)
const exchanges = []
mine.on('request', request => request.url().endsWith('/api/sync/exchange') && exchanges.push({ by: JSON.parse(atob(request.headers().authorization.split('.')[1])).id, push: request.postDataJSON().push }))
await mine.route('**/api/sync/exchange', route => (JSON.parse(atob(route.request().headers().authorization.split('.')[1])).id === adas ? route.abort() : route.continue())) // hers stays unsent
await mine.setOffline(false)
await second.goto(`${url}/app/#signin`)
await signIn(second, BEN)
await second.getByText('Up to date').waitFor()
await second.getByTestId('recent').waitFor()
await one.getByTestId('recent').waitFor()
const [bens, ids] = await Promise.all([recent(second), stores(second)])
check('two accounts: two stores', ids.filter(n => /^interictal-[a-z0-9]{15}$/.test(n)).length === 2, ids.join())
await holds('two accounts: neither sees the other’s diary', async () => bens !== hers && !(await isOver(second).isVisible()))
check('and the tab that was hers shows his, not hers', await until('the other tab to change', async () => (await recent(one)) === bens))
await deaf.evaluate(() => dispatchEvent(new Event('online')))
await deaf.getByText('Sign in to send').first().waitFor()
await deaf.close()
const openOf = async email => (await api('/api/collections/attacks/records?perPage=500', await login(email))).items.filter(a => !a.ended_at && !a.end_known)
const his = exchanges.filter(e => e.by !== adas)
await holds('her unsent entry did not go out under his name', async () => his.length > 0 && his.every(e => !e.push.length) && (await openOf(ADA)).length === 0, `${his.length} exchanges of his`)
await neck(second).getByRole('button', { name: '2', exact: true }).click()
await upToDate(second)
await mine.unrouteAll({ behavior: 'ignoreErrors' })
await second.goto(`${url}/app/#signin`)
await signIn(second, ADA)
await isOver(second).waitFor()
await upToDate(second)
await holds('she is back: her entry is there, and is sent', async () => (await openOf(ADA)).length === 1)
await one.close()
await second.goto(`${url}/app/#signin`)
await signIn(second, BEN)
await upToDate(second)
await second.getByRole('link', { name: 'More' }).click()
await second.getByRole('link', { name: 'Settings and sync' }).click()
await second.getByRole('button', { name: 'Sign out and erase this phone' }).click()
const bystander = await mine.newPage()
await bystander.goto(`${url}/app/`)
await upToDate(bystander)
await second.getByRole('button', { name: 'Yes, erase' }).click()
await Promise.all([second, bystander].map(page => page.getByLabel('Email').waitFor()))
await pause(1500) // longer than any tab waits before it tries to send again
const after = await stores(second)
check('his erasure takes his store, in every tab, and leaves hers', after.length === ids.length - 1, after.join())
await bystander.close()
await signIn(second, ADA)
await isOver(second).waitFor()
await end(second)
await upToDate(second)

// --- a server that came back from a backup: what the phones know is not lost
await second.goto(`${url}/app/#today`)
await neck(second).getByRole('button', { name: '3', exact: true }).click()
await upToDate(second)
await stop()
const copy = scratch()
cpSync(dir, copy, { recursive: true })
await start()
await attackNow(second).click()
await isOver(second).waitFor()
await end(second)
await neck(second).getByRole('button', { name: '9', exact: true }).click()
await upToDate(second)
await neck(far).getByRole('button', { name: '9', exact: true, pressed: true }).waitFor()
const before = (await api('/api/collections/attacks/records?perPage=500', await login(ADA))).items.length
await stop()
rmSync(dir, { recursive: true })
cpSync(copy, dir, { recursive: true })
await start()
const kept = async () => {
  const token = await login(ADA)
  const [attacks, days] = await Promise.all(['attacks', 'diary_days'].map(c => api(`/api/collections/${c}/records?perPage=500&sort=-updated`, token)))
  return `${attacks.items.length} ${days.items[0]?.neck_pain_nrs}`
}
t = performance.now()
check('restored from a backup: the phones give back what it had lost', await until('the lost entries', async () => (await kept()) === `${before} 9`), `${since(t)}, ${await kept()}`)
await Promise.all([second, far].map(upToDate))
const counted = async page => {
  await page.goto(`${url}/app/#settings`)
  return page.getByText('Entries on this phone').locator('xpath=..').locator('dd').innerText()
}
const counts = []
check('and both phones hold the same', await until('equal counts', async () => (counts.splice(0, 2, await counted(second), await counted(far)), Number(counts[0]) > 100 && counts[0] === counts[1])), counts.join())

// --- a phone that went off between signing out and erasing
await second.evaluate(name => (localStorage.setItem('interictal-erase', name), localStorage.removeItem('interictal-auth-app')), after[0])
await second.reload()
await second.getByLabel('Email').waitFor()
await holds('an erasure that was cut short is finished at the next start', async () => !(await stores(second)).length, async () => (await stores(second)).join())

check('no page error, no policy violation, nothing asked elsewhere', !faults.length, faults.join('; '))
await Promise.all([mine.close(), twin.close()])
await stop()
finish()

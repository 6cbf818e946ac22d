// What happens on the way of a plan: she falls ill and her phone is without a network for a week, while the plan is paused and taken up
// again at the desk; then she is moved to another therapist while the phone and the old therapist's device both hold work that was not sent.
import { resolve } from 'node:path'
import { build } from 'vite'
import { ADA, PASSWORD, THERAPIST, check, demo, desk, finish, holds, pause, phone, scratch, server, signIn } from './lib.mjs'

const faults = []
const { url, stop } = await server(demo(), '--dev')
const api = async (method, path, token, body) => {
  const answer = await fetch(url + path, { method, headers: { 'content-type': 'application/json', authorization: token }, body: body && JSON.stringify(body) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path} ${answer.status} ${text}`)
  return text && JSON.parse(text)
}
const login = async (identity, table = 'users') => api('POST', `/api/collections/${table}/auth-with-password`, '', { identity, password: PASSWORD })
const { token: root } = await login('root@demo.interictal.test', '_superusers')
const { token: amira, record: she } = await login(THERAPIST)
const { token: adas } = await login(ADA)
const patient = 'ada000000000000'
const list = async (collection, token, filter = `patient="${patient}"`) => (await api('GET', `/api/collections/${collection}/records?perPage=500&filter=${encodeURIComponent(filter)}`, token)).items
const DAY = 86_400_000
const began = Date.now()
const day = at => new Date(at).toISOString().slice(0, 10)
const pages = []
/** The clinic's clock, and that of every device. */
async function clock(days) {
  await api('POST', '/api/dev/clock', root, { now: new Date(began + days * DAY).toISOString() })
  for (const page of pages) await page.clock.setSystemTime(began + days * DAY)
}

const profile = scratch()
const hand = await phone(profile, faults)
const mobile = await hand.newPage()
await mobile.goto(`${url}/app/`)
await signIn(mobile, ADA)
await mobile.getByText('Up to date').waitFor()
await mobile.evaluate(() => navigator.serviceWorker.ready)
const office = await desk(scratch(), faults)
const board = await office.newPage()
await board.goto(`${url}/therapist/`)
await signIn(board, THERAPIST)
await board.getByRole('link', { name: 'Ada K.' }).click()
await board.getByRole('heading', { name: 'Needs you' }).waitFor()
pages.push(mobile, board)

// --- she falls ill, says so, and the phone loses the network
await mobile.goto(`${url}/app/#changed`)
await mobile.getByRole('button', { name: 'None of these' }).click()
await mobile.getByRole('button', { name: 'I am ill' }).click()
await mobile.getByText('Rest as long as you need.').waitFor()
const told = board.locator('[data-need=task]').filter({ hasText: /hange/ })
await told.first().waitFor({ timeout: 15_000 })
check('her illness is on the therapist’s page', true)
await hand.setOffline(true)
await told.first().getByRole('link', { name: 'Open' }).click()
await board.getByRole('button', { name: 'Make a draft pause' }).click()
await holds('the pause is drafted from what she said', async () => (await board.locator('[data-at="step.reason"]').inputValue()) === 'illness')
await board.locator('[data-at="step.adaptationNote"]').fill('Rest; half the dose when she is back.')
await board.locator('.step').getByRole('checkbox').first().check()
const standing = words => board.getByTestId('standing').filter({ hasText: words }).waitFor().catch(async problem => { throw new Error(`not ${words}: ${await board.locator('.problem, .hard').allInnerTexts()} ${problem}`) })
await board.getByRole('button', { name: 'Go on' }).click()
await standing(/^paused/)
const [plan] = await list('plans', amira)
check('the plan is paused on its screen', plan.state === 'paused')

// --- a week offline: she writes on each of three days
const neck = async n => {
  await mobile.goto(`${url}/app/#today`)
  await mobile.reload()
  await mobile.getByRole('group', { name: 'Neck pain today' }).getByRole('button', { name: n, exact: true }).click()
}
for (const [days, n] of [[2, '2'], [4, '5'], [6, '3']]) {
  await clock(days)
  await neck(n)
}
await mobile.getByRole('button', { name: 'Attack now', exact: true }).click()
await mobile.getByRole('button', { name: 'It is over' }).waitFor()
await mobile.getByText(/waiting, saved on this phone/).waitFor()
check('offline for a week, all is kept on the phone', true, await mobile.getByText(/waiting, saved on this phone/).innerText())
const before = (await list('diary_days', adas)).length

// --- the therapist takes the plan up again, the phone knowing nothing of it
await clock(8)
await board.goto(`${url}/therapist/#plan=${patient}`)
await board.reload()
await board.getByRole('button', { name: 'Resume' }).click()
const panel = board.getByRole('region', { name: /^Rules:/ })
await board.getByRole('button', { name: 'Go on' }).waitFor()
await pause(800)
if (await panel.locator('li[data-code="E_NO_REDFLAG_SCREEN"]').count()) {
  await panel.locator('li[data-code="E_NO_REDFLAG_SCREEN"]').getByRole('button').first().click()
  await board.getByRole('button', { name: 'Short screen' }).click()
  await board.getByRole('button', { name: 'No to all the rest' }).click()
  await board.getByRole('button', { name: 'Keep the screen' }).click()
  await panel.locator('li[data-code="E_NO_REDFLAG_SCREEN"]').waitFor({ state: 'detached' })
}
await board.getByRole('button', { name: 'Go on' }).click()
await standing(/^active/)
const sheet = await api('GET', `/api/plans/${plan.id}/sheet`, amira)
check('resumed on its screen; the window moved by the pause', sheet.window.pauseDays === 8, `${sheet.window.pauseDays} days, ${sheet.window.earliest} – ${sheet.window.latest}`)
await hand.setOffline(false)
await mobile.reload()
await mobile.getByText('Up to date').waitFor({ timeout: 30_000 })
const after = await list('diary_days', adas)
check('back online: every day of the week arrived, on its own date', [2, 4, 6].every(n => after.some(d => Math.abs(Date.parse(d.day ?? d.date) - Date.parse(day(began + n * DAY))) <= DAY)) && after.length >= before + 3, `${before} → ${after.length} days`)
await holds('and the attack of that week', async () => (await list('attacks', adas)).some(a => Math.abs(Date.parse(a.started_at) - (began + 6 * DAY)) < DAY))
await mobile.goto(`${url}/app/#plan`)
await mobile.getByRole('heading', { name: 'My plan' }).waitFor()
await holds('her phone says that the plan goes on', async () => !/paused/i.test((await mobile.locator('main').innerText()).split('\n').slice(0, 4).join(' ')))

// --- moved to another therapist, while both sides have unsent work
await api('POST', '/api/clinics/demo00000000000/codes', amira, { kind: 'staff', role: 'therapist', name: 'Nia P., PT' }).then(({ code }) => api('POST', '/api/codes/redeem', '', { code, email: 'nia@demo.interictal.test', password: PASSWORD }))
const [{ output }] = [await build({
  configFile: false, logLevel: 'silent',
  resolve: { alias: { dexie: resolve(import.meta.dirname, '../node_modules/dexie/dist/modern/dexie.mjs') } },
  build: { write: false, lib: { entry: { device: resolve(import.meta.dirname, 'device.ts') }, formats: ['es'] }, rolldownOptions: { output: { codeSplitting: false } } },
})].flat()
const old = await phone(scratch(), faults)
await old.route('**/device.js', route => route.fulfill({ contentType: 'text/javascript', body: output[0].code }))
await old.route('**/blank', route => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>device</title>' }))
const hers = await old.newPage()
await hers.goto(`${url}/blank`)
const device = (work, argument) =>
  hers.evaluate(async ([name, token, source, argument]) => {
    const { openDevice } = await import('/device.js')
    window.device ??= await openDevice(name, token)
    return new Function('device', 'argument', `return (${source})(device, argument)`)(window.device, argument)
  }, [`interictal-${she.id}`, amira, work.toString(), argument])
await device(device => device.exchange())
await holds('the old therapist’s device holds Ada', async () => (await device(device => device.text())).includes(patient))
const words = `Zq${crypto.randomUUID().replaceAll('-', '')}`
await device((device, [patient, at, note]) => device.write('attacks', [{ id: 'unsentbyamira01', patient, started_at: at, note }]), [patient, new Date(began + 7 * DAY).toISOString().replace('T', ' '), words])
await hand.setOffline(true)
await mobile.goto(`${url}/app/#today`)
await mobile.getByRole('button', { name: 'It is over' }).click()
await mobile.getByRole('button', { name: 'Just now' }).click()
await mobile.getByText(/waiting, saved on this phone/).waitFor()
check('both sides have unsent work', true)

await board.goto(`${url}/therapist/#patient=${patient}`)
await board.getByRole('heading', { name: 'Needs you' }).waitFor()
const chief = await desk(scratch(), faults)
const admin = await chief.newPage()
await admin.goto(`${url}/admin/`)
await signIn(admin, THERAPIST)
const row = admin.getByRole('row', { name: /Amira/ })
await row.getByRole('button', { name: 'Licence' }).click()
await admin.getByLabel('Licence number').fill('PT 4711')
await admin.getByLabel('Specialties').fill('headache')
await admin.getByLabel('Practising since').fill('2019-05-01')
await admin.getByRole('button', { name: 'Keep', exact: true }).click()
await admin.getByText(/^Kept for Amira/).waitFor()
await holds('S-29 the admin writes a licence, and it stands on the report', async () => /PT 4711.*headache.*since 2019/.test((await api('GET', `/api/plans/${plan.id}/documents/progress`, amira)).therapist))
await row.getByRole('button', { name: 'Move or leave' }).click()
await admin.getByRole('group', { name: /Which patients/ }).waitFor()
for (const box of await admin.getByRole('group', { name: /Which patients/ }).getByRole('checkbox').all()) if ((await box.getAttribute('value')) !== patient) await box.uncheck()
await admin.getByLabel('To whom').selectOption({ label: 'Nia P., PT' })
await admin.getByRole('button', { name: 'Move these' }).click()
await admin.getByText(/has somebody new|have somebody new/).waitFor()
check('moved on the clinic’s screen', true)
await board.evaluate(() => document.dispatchEvent(new Event('visibilitychange'))) // as when she comes back to it
const shut = await board.getByRole('heading', { name: 'Needs you' }).waitFor({ state: 'detached', timeout: 15_000 }).then(() => true, () => false)
check('the old therapist’s open page of her shows nothing any more', shut)
const asked = await device(device => device.exchange())
const left = await device(device => device.text())
check('the old device is empty of her', !left.includes(patient) && !left.includes(words) && left.includes('ben000000000000'), JSON.stringify(asked.at(-1)))
const audit = await list('audit_events', root, `patient="${patient}" && action="erase"`)
check('the erasure is in the audit', audit.some(e => e.actor === she.id), `${audit.length}`)
const { token: nia } = await login('nia@demo.interictal.test')
await hand.setOffline(false)
await mobile.reload()
await mobile.getByText('Up to date').waitFor({ timeout: 30_000 })
const attacks = await list('attacks', nia)
check('what she had not sent is with the new therapist', attacks.some(a => Math.abs(Date.parse(a.started_at) - (began + 6 * DAY)) < DAY && a.ended_at))
const { conflicts } = await api('GET', '/api/sync/conflicts', adas)
check('what the old therapist had not sent is kept for the new one', JSON.stringify(conflicts.filter(c => c.kind === 'handed_over')).includes(words))
const next = await (await desk(scratch(), faults)).newPage()
await next.goto(`${url}/therapist/`)
await signIn(next, 'nia@demo.interictal.test')
await next.getByRole('link', { name: 'Ada K.' }).click()
await next.getByRole('heading', { name: 'Last attacks' }).waitFor()
check('the new therapist reads her page', true)
await holds('the old one does not', async () => (await fetch(`${url}/api/patients/${patient}/overview`, { headers: { authorization: amira } })).status === 404)

check('no page error, no policy violation, nothing asked elsewhere', !faults.length, faults.join('; '))
await stop()
finish()

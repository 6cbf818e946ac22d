// The measurable side of "usable in a dark room", on every screen and state: accessibility, glare, targets, reflow, stillness,
// keyboard, bytes, content security policy. With SHOTS=folder it also writes the pictures of the README, and of the screens for what needs a look.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { bars, deskBars, look, violations, worst } from './bars.mjs'
import { ADA, DIST, THERAPIST, check, demo, desk, finish, holds, pause, phone, refuses, scratch, server, signIn } from './lib.mjs'

const SHOTS = process.env.SHOTS
if (SHOTS) mkdirSync(SHOTS, { recursive: true })
const faults = []
const { url, stop } = await server(demo())

// --- bytes: exactly what the service worker holds, and what the therapist's page asks for
const gz = file => gzipSync(readFileSync(DIST + file), { level: 9 }).length
const kB = files => files.filter(f => /\.(js|css)$/.test(f)).reduce((sum, f) => sum + gz(f), 0) / 1000
const held = JSON.parse(readFileSync(join(DIST, 'app/sw.js'), 'utf8').match(/const FILES = (.*)/)[1])
const asks = page => [...readFileSync(join(DIST, page, 'index.html'), 'utf8').matchAll(/\/assets\/[^"]+/g)].map(m => m[0])
check('B-07 patient app, before the first tap: JS+CSS ≤ 60 kB gz', kB(asks('app')) <= 60, `${kB(asks('app')).toFixed(1)} kB`)
const [areas, spanish] = [held.filter(f => /\/area-/.test(f)), held.filter(f => /[/.]es-/.test(f))]
const core = held.filter(f => !areas.includes(f) && !spanish.includes(f))
check('B-07 the core, with what an ordinary day needs: ≤ 100 kB gz', asks('app').every(f => core.includes(f)) && kB(core) <= 100, `${kB(core).toFixed(1)} kB in ${core.length} files`)
const scripts = areas.filter(f => /js$/.test(f))
check('B-07 each area beside the core ≤ 12 kB gz', scripts.length > 0 && scripts.every(f => kB([f]) <= 12), scripts.map(f => `${f.match(/area-([a-z]+)/)[1]} ${kB([f]).toFixed(1)}`).join(', '))
console.log(`     in all ${kB(held).toFixed(1)} kB held on the phone, Spanish ${kB(spanish).toFixed(1)} kB of it`)
for (const page of ['therapist', 'admin', 'report', 'carer']) check(`nothing of the phone’s app on the page ${page}`, !asks(page).some(f => /(first|later)-/.test(f)), asks(page).join(' '))
const asked = asks('therapist')
check('the clinic’s pages load nothing of the phone’s app', !['therapist', 'admin', 'report', 'carer'].flatMap(asks).some(f => /\/(first|later)-/.test(f)))
check('B-07 therapist JS+CSS ≤ 150 kB gz', kB(asked) <= 150, `${kB(asked).toFixed(1)} kB`)
check('nothing of the caregiver’s page in the service worker', !held.some(f => /carer\//.test(f)))
check('B-07 nothing of the therapist in the service worker', !held.some(f => /therapist/.test(f)))
check('nothing stray in the build', readdirSync(DIST).sort().join() === 'admin,app,assets,carer,exercises,index.html,placeholder.txt,report,therapist')

const hand = await phone(scratch(), faults)
const page = await hand.newPage()

const glare = look

/** Everything that must hold on a screen of the patient app; with SHOTS its pictures, in each look. */
const screen = bars(() => page, SHOTS)

// --- landing page and sign-in
await page.goto(`${url}/`)
for (const colorScheme of ['light', 'dark']) {
  await page.emulateMedia({ colorScheme })
  const found = await violations(page)
  check(`B-08 axe: landing, ${colorScheme}`, !found.length, found.join('; '))
}
await page.goto(`${url}/app/`, { waitUntil: 'commit' })
const first = await glare(await page.screenshot())
check('B-11 glare: first paint', first.mean <= 0.03, `${(first.mean * 100).toFixed(1)} %`)
await page.getByLabel('Email').waitFor()
await screen('sign-in')
await page.getByRole('button', { name: 'Sign in' }).waitFor()
await page.getByLabel('Email').fill(ADA)
await page.getByLabel('Password').fill('wrong')
await page.getByRole('button', { name: 'Sign in', exact: true }).click()
await page.getByRole('alert').filter({ hasText: 'not right' }).waitFor()
await screen('sign-in refused')
await page.goto(`${url}/app/#join=ABCD-EFGH-JK`)
await page.reload()
await holds('the code of an invitation is filled in', async () => (await page.getByLabel('Code').inputValue()) === 'ABCD-EFGH-JK')
await page.getByRole('button', { name: 'Yes to these five' }).click()
await holds('the sixth consent stays off', async () => !(await page.getByLabel('Periods').isChecked()) && (await page.getByLabel('Headache diary').isChecked()))
await screen('join')
await page.goto(`${url}/app/#`)
await page.reload()
await signIn(page, ADA)
await page.getByText('Up to date').waitFor()

// --- installable
const cdp = await hand.newCDPSession(page)
await page.evaluate(() => navigator.serviceWorker.ready)
const { installabilityErrors } = await cdp.send('Page.getInstallabilityErrors')
check('B-18 installable', !installabilityErrors.length, JSON.stringify(installabilityErrors))
const manifest = await cdp.send('Page.getAppManifest')
check('the manifest parses', !manifest.errors.length, JSON.stringify(manifest.errors))

// --- today
const attackNow = page.getByRole('button', { name: 'Attack now', exact: true })
const isOver = page.getByRole('button', { name: 'It is over' })
await pause(300)
if (await isOver.isVisible()) await isOver.click(), await page.getByRole('button', { name: 'Just now' }).click()
await attackNow.waitFor()
await page.getByTestId('recent').or(page.getByText('No attacks here yet')).waitFor()
await page.reload()
await page.getByText('Up to date').waitFor()
await page.getByTestId('recent').waitFor()
if (SHOTS) await page.screenshot({ path: `${SHOTS}/today.png` })
await screen('today')
const whereIs = async () => ({ ...(await attackNow.boundingBox()), y: await attackNow.evaluate(b => b.getBoundingClientRect().y + scrollY) })
const place = await whereIs()
check('the log button fills the lower-middle 40 % of the screen', place.height >= 0.4 * 844 - 1 && place.y > 0.1 * 844 && place.y + place.height < 0.75 * 844, `y ${Math.round(place.y)}, ${Math.round(place.height)} px high`)
await page.getByRole('button', { name: 'Earlier' }).click()
await screen('today, earlier')
await page.getByRole('button', { name: 'Earlier' }).click()
await page.getByRole('group', { name: 'Neck pain today' }).getByRole('button', { name: '4', exact: true }).click()
await page.getByRole('button', { name: 'Undo' }).waitFor()
check('nothing pushes the log button', (await whereIs()).y === place.y)
const medicine = page.getByRole('group', { name: 'Headache medicine today?' })
if (await page.getByText('You noted a dose').isVisible()) {
  await holds('headache medicine today: a dose is the answer', async () => !(await medicine.isVisible()))
} else {
  const no = !(await medicine.getByRole('button', { name: 'No', pressed: true }).count()) // the demo clinic may have answered
  const key = pressed => medicine.getByRole('button', { name: no ? 'No' : 'Yes', exact: true, pressed })
  const written = () =>
    page.evaluate(async () => {
      const { token } = JSON.parse(localStorage.getItem('interictal-auth-app'))
      const { items } = await (await fetch('/api/collections/diary_days/records?sort=-day&perPage=1', { headers: { Authorization: token } })).json()
      return items[0]?.acute_medicine
    })
  await key(false).click()
  await key(true).waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  await key(false).waitFor()
  await key(false).click()
  await key(true).waitFor()
  for (let i = 0; i < 50 && (await written()) !== !no; i++) await pause(100)
  await holds('headache medicine today: one tap writes it, undo takes it back', async () => (await written()) === !no)
  check('and the log button stays where it is', (await whereIs()).y === place.y)
  await screen('today, answered')
}
const missing = page.getByRole('button', { name: /Add$/ })
if (await missing.count()) {
  await missing.first().click()
  await page.getByText(/^Headache on /).locator('xpath=..').getByRole('button', { name: 'No' }).click()
  await page.getByText('Headache medicine that day?').waitFor()
  await screen('today, a missing day')
}

// --- keyboard only
await page.reload()
await attackNow.waitFor()
await page.getByTestId('recent').waitFor()
await page.keyboard.press('Tab')
const focused = () => page.evaluate(() => document.activeElement.textContent.trim())
await holds('keyboard: the first stop is the log button', async () => (await focused()) === 'Attack now')
const unseen = []
const stops = await page.locator('a:visible, button:visible').count()
for (let i = 0; i < stops; i++) {
  unseen.push(
    ...(await page.evaluate(() => {
      const at = document.activeElement
      const box = at.getBoundingClientRect()
      const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)
      return getComputedStyle(at).outlineStyle !== 'solid' || !at.contains(top) ? [at.textContent.trim()] : []
    })),
  )
  await page.keyboard.press('Tab')
}
check('B-09 keyboard: focus is always visible and never covered', !unseen.length, unseen.join())
await attackNow.focus()
await page.keyboard.press('Enter')
await isOver.waitFor()
await holds('B-09 keyboard: Enter logs, and it is announced', async () => (await page.getByRole('status').textContent()) === 'Attack noted.')

// --- an attack
await page.getByRole('button', { name: /^Severe/ }).click()
await page.getByText('of 10 at').waitFor()
await screen('attack')
for (const name of ['Exact, 0 to 10', 'Add signs', 'It is over', 'I took something', 'Something else']) {
  await page.getByRole('button', { name, exact: true }).click()
  await screen(`attack, ${name}`)
}
await page.getByRole('button', { name: 'I took something' }).click()
await page.getByRole('button', { name: 'Add signs' }).click()
await page.getByRole('button', { name: /^Light hurts/ }).click()
await page.getByRole('button', { name: 'Light hurts yes' }).click()
await page.getByRole('button', { name: 'Light hurts no', exact: true }).click()
await page.getByRole('button', { name: 'Light hurts not said' }).waitFor()
check('a sign turns from not said to yes, to no, and back', true)
await page.getByRole('button', { name: 'Add signs' }).click()
await page.getByRole('button', { name: 'Fading' }).click()
await page.getByText('Fading since').waitFor()
await page.getByRole('button', { name: 'Change' }).waitFor({ timeout: 12_000 }) // the undo's ten seconds
check('undo leaves after ten seconds', true)
await page.getByRole('button', { name: 'Change' }).click()
await screen('attack, change')
await page.getByRole('button', { name: '1 h before' }).click()
await page.getByRole('heading', { name: /Attack, 1 h/ }).waitFor()
check('the start can be moved', true)
if (SHOTS) {
  await page.getByRole('button', { name: 'Undo' }).waitFor({ state: 'detached', timeout: 12_000 })
  await page.evaluate(() => document.activeElement.blur())
  await page.screenshot({ path: `${SHOTS}/attack.png` })
}
await page.getByRole('link', { name: 'Check now' }).click()
await page.getByText('Call for help now').waitFor()
await screen('check now')
await holds('the advice never calls anything safe', async () => !/\bsafe\b/i.test(await page.locator('main').innerText()))

// --- more; an entry the server refuses, corrected, given up, brought back; two answers, decided without a network
await page.goto(`${url}/app/#settings`)
await page.getByText('Needs a look: nothing').waitFor()
await screen('settings')
await page.getByRole('link', { name: 'Needs a look: nothing' }).click()
await page.getByText('Nothing here.').waitFor()
await screen('needs a look, nothing')
await refuses(page, 'E_VALUE', 'Headache score: out of range.', { field: 'nrs' })
await page.goto(`${url}/app/#today`)
await page.getByRole('button', { name: /^Very severe/ }).click()
await page.getByText('1 not accepted').waitFor()
await page.goto(`${url}/app/#settings`)
await page.getByRole('link', { name: 'Needs a look: 1' }).waitFor()
await page.getByRole('button', { name: 'Sign out and erase this phone' }).click()
await page.getByText('not sent yet').waitFor()
await holds('erasing is refused while something is unsent', async () => !(await page.getByRole('button', { name: 'Yes, erase' }).isVisible()))
await page.getByRole('link', { name: 'Needs a look: 1' }).click()
await page.getByText('Pain, 0 to 10: this answer does not fit. (E_VALUE)').waitFor()
await page.getByRole('button', { name: 'Change it' }).click()
await screen('needs a look, not accepted')
const shot = async name => {
  if (!SHOTS) return
  for (const look of ['room', 'day']) {
    await page.evaluate(look => (document.documentElement.dataset.look = look), look)
    await page.screenshot({ path: `${SHOTS}/${name}${look === 'room' ? '' : '-day'}.png`, fullPage: true })
  }
  await page.evaluate(() => (document.documentElement.dataset.look = 'room'))
}
await shot('needs-refused')
await page.getByRole('button', { name: 'Delete' }).click()
await page.getByText('this answer does not fit').waitFor({ state: 'detached' })
await page.getByRole('button', { name: 'Undo' }).click()
await page.getByText('Pain, 0 to 10: this answer does not fit. (E_VALUE)').waitFor()
check('what was given up comes back with one tap', true)
await page.unrouteAll({ behavior: 'ignoreErrors' })
await page.getByRole('button', { name: 'Change it' }).click()
await page.getByLabel('Pain, 0 to 10').fill('8')
await page.getByRole('button', { name: 'Save and send' }).click()
await page.getByText('Up to date').waitFor()
const scores = await page.evaluate(async () => {
  const { token } = JSON.parse(localStorage.getItem('interictal-auth-app'))
  const { items } = await (await fetch('/api/collections/attack_readings/records?sort=-at&perPage=1', { headers: { Authorization: token } })).json()
  return items[0]?.nrs
})
check('a refused entry that is corrected is sent and taken', scores === 8, String(scores))

const { token, record } = await page.evaluate(() => JSON.parse(localStorage.getItem('interictal-auth-app')))
const push = (device, n, base, state) =>
  fetch(`${url}/api/sync/exchange`, {
    method: 'POST', headers: { authorization: token, 'content-type': 'application/json' },
    body: JSON.stringify({ device, schema: 1, cursor: null, ack: null, limit: 1, push: [{ n, collection: 'attacks', base, state: { patient: record.patient, ...state } }] }),
  }).then(r => r.json()).then(a => a.verdicts[0])
const made = { id: 'twoanswersofada1', started_at: '2026-01-05 14:00:00.000Z', end_known: 'unknown' }
const { doc } = await push('phone-one', 1, null, { ...made, note: 'first words', peak_nrs: 4 })
await push('phone-one', 2, doc, { ...doc, note: 'after wine', peak_nrs: 7, nausea: true })
const { verdict } = await push('phone-two', 1, doc, { ...doc, note: 'after a long drive', peak_nrs: 5 })
const drive = { id: 'twoanswersofada2', started_at: '2026-01-06 14:00:00.000Z', end_known: 'unknown' }
const second = (await push('phone-one', 3, null, { ...drive, note: 'x' })).doc
await push('phone-one', 4, second, { ...second, note: 'y' })
await push('phone-two', 2, second, { id: drive.id, _deleted: true })
await page.goto(`${url}/app/#more`)
await page.getByRole('link', { name: /^Needs a look/ }).click()
const drivers = page.getByRole('listitem').filter({ hasText: 'after a long drive' })
await drivers.waitFor()
await holds('two answers are both shown', async () => verdict === 'conflict' && (await drivers.innerText()).includes('after wine'))
await page.getByText('It was taken out on one phone').waitFor()
await screen('needs a look, two answers')
await shot('needs-answers')
await page.goto(`${url}/app/#today`)
await holds('an open attack is left in peace', async () => !(await page.getByRole('link', { name: /^Needs a look/ }).isVisible()))
await isOver.click()
await page.getByRole('button', { name: 'Just now' }).click()
await page.getByRole('link', { name: 'Needs a look: 2' }).waitFor()
await screen('today, needs a look')
await shot('today-needs')
await page.getByRole('link', { name: 'Needs a look: 2' }).click()
await drivers.waitFor()
await hand.setOffline(true)
await drivers.getByRole('button', { name: 'Take the other' }).click()
await drivers.waitFor({ state: 'detached' })
await page.reload()
await page.getByText('It was taken out on one phone').waitFor()
await holds('a decision holds without a network', async () => !(await drivers.isVisible()))
await hand.setOffline(false)
const noteNow = () => fetch(`${url}/api/collections/attacks/records/${made.id}`, { headers: { authorization: token } }).then(r => r.json()).then(r => r.note)
for (let i = 0; i < 100 && (await noteNow()) !== 'after a long drive'; i++) await pause(100)
await holds('and reaches the server', async () => (await noteNow()) === 'after a long drive')
await page.getByRole('button', { name: 'Take it out' }).click()
await page.getByText('Nothing here.').waitFor()
await page.unrouteAll({ behavior: 'ignoreErrors' })

// --- an app that is too old says so, and loses nothing
await page.route('**/api/sync/exchange', route => route.fulfill({ status: 426, json: { status: 426, message: 'Too old.', data: {} } }))
await page.goto(`${url}/app/#today`)
await page.getByRole('group', { name: 'Neck pain today' }).getByRole('button', { name: '6', exact: true }).click()
await page.getByText('Update the app to send').waitFor()
await page.goto(`${url}/app/#settings`)
await page.getByRole('button', { name: 'Update now' }).waitFor()
await screen('settings, too old')
await shot('settings-too-old')
await page.unrouteAll({ behavior: 'ignoreErrors' })
await page.reload()
await page.getByText('Up to date').waitFor()
check('an app that is too old says so, keeps what was written, and sends it later', true)
await page.getByRole('button', { name: 'Sign out and erase this phone' }).click()
await screen('settings, erase?')
await page.getByRole('button', { name: 'Keep it' }).click()
await page.getByRole('button', { name: 'Day', exact: true }).click()
await page.reload()
await holds('the look is kept', async () => (await page.evaluate(() => document.documentElement.dataset.look)) === 'day')
await page.getByRole('button', { name: 'Dark room' }).click()
await page.evaluate(() => localStorage.setItem('interictal-auth-app', localStorage.getItem('interictal-auth-app').replace(/"token":"[^"]+"/, '"token":"x.y.z"')))
await page.goto(`${url}/app/#today`)
await page.reload()
await page.getByRole('link', { name: 'Sign in to send' }).waitFor()
await screen('today, session over')
console.log(`     B-11, B-13 worst of all screens in the dark room: mean ${(worst.mean * 100).toFixed(1)} %, peak ${(worst.peak * 100).toFixed(0)} %, stripes ${worst.stripes.toFixed(3)}`)

// --- the therapist
const amira = await desk(scratch(), faults)
const board = await amira.newPage()
const boardScreen = deskBars(board, undefined, 1440)
await board.goto(`${url}/therapist/`)
await board.getByLabel('Email').waitFor()
await boardScreen('clinic sign-in')
await signIn(board, THERAPIST)
await board.getByRole('link', { name: 'Ada K.' }).waitFor()
await board.getByText('live').waitFor()
await board.mouse.move(5, 5)
if (SHOTS) {
  const { y, height } = await board.locator('main').boundingBox()
  await board.screenshot({ path: `${SHOTS}/caseload.png`, clip: { x: 0, y: 0, width: 1440, height: y + height } })
}
await boardScreen('caseload')
const active = () => board.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.type)
await board.keyboard.press('/')
await holds('keyboard: / goes to the filter', async () => (await active()) === 'search')
await board.keyboard.type('ada')
await holds('the filter filters', async () => (await board.locator('tbody tr').count()) === 1)
await board.keyboard.press('Escape')
await board.keyboard.press('j')
const firstName = await active()
await board.keyboard.press('j')
const secondName = await active()
await board.keyboard.press('k')
await holds('keyboard: j and k move along the rows', async () => firstName !== secondName && (await active()) === firstName, `${firstName} → ${secondName}`)
await board.getByRole('link', { name: 'Ada K.' }).focus()
await board.keyboard.press('Enter')
await board.getByRole('heading', { name: 'Last attacks' }).waitFor()
await board.getByRole('rowheader', { name: 'Headache days' }).first().waitFor()
check('keyboard: Enter opens a patient', true)
const change = await board.getByRole('row', { name: /^Headache days .* to .*%/ }).textContent()
check('before and now: days recorded, interval, per cent, a word', /\d+ d.*\d+ d.*\(.+ to .+\).*%.*(likely halved|probably not halved|too early to say)/s.test(change), change.replace(/\s+/g, ' '))
await holds('it says that this is not the cause', () => board.getByText('This shows what happened, not what caused it.').isVisible())
await holds('the run chart can be read without seeing it', async () => /Headache days by week.*days recorded/.test(await board.getByRole('img', { name: /Headache days by week/ }).getAttribute('aria-label')))
await board.route('**/api/invitations', route => route.fulfill({ json: { id: 'x', code: 'ABCD-EFGH-JK', url: '/app/#join=ABCD-EFGH-JK', qr: { size: 3, path: 'M0 0h1v1H0zM2 2h1v1H2z' }, expires: '2026-11-25T10:00:00Z' } }))
await board.getByRole('button', { name: 'Invite' }).click()
await board.getByText('ABCD-EFGH-JK').first().waitFor()
await boardScreen('invitation')
await board.evaluate(() => document.activeElement.blur())
await board.keyboard.press('Escape')
await board.getByRole('link', { name: 'Ada K.' }).waitFor()
check('keyboard: Esc comes back to the list', ['', '#caseload'].includes(new URL(board.url()).hash), board.url())

// --- rows do not move under a hand
const order = () => board.locator('tbody tr[data-patient]').evaluateAll(rows => rows.map(r => r.dataset.patient))
const was = await order()
await board.route('**/api/caseload', async route => {
  const answer = await (await route.fetch()).json()
  answer.patients.reverse()
  await route.fulfill({ json: answer })
})
const refetch = () => board.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
await board.getByRole('link', { name: 'Ada K.' }).focus()
await refetch()
await board.getByText(/\d+ changed/).waitFor()
check('rows keep their place while the focus is among them', (await order()).join() === was.join())
await board.getByRole('button', { name: 'Re-sort' }).click()
check('and move when asked', (await order()).join() === was.reverse().join())

// --- the plan editor and the program builder
await board.goto(`${url}/therapist/#plan=ada000000000000`)
await board.getByRole('region', { name: /^Rules:/ }).locator('li').first().waitFor()
await boardScreen('plan of care')
await board.goto(`${url}/therapist/#program=ada000000000000`)
await board.getByTestId('preview').waitFor()
await boardScreen('program builder')

check('B-17 no page error, no policy violation, nothing asked elsewhere', !faults.length, faults.join('; '))
await board.unrouteAll({ behavior: 'ignoreErrors' })
await Promise.all([hand.close(), amira.close()])
await stop()
finish()

// The clinic's desk as it is used: somebody new comes by a code, a neurologist is linked and answers from his account, a therapist leaves, a
// diary is opened behind glass, a phone is told to erase itself, and a patient takes everything along and is erased. With SHOTS=folder each page is kept for a look.
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { bars, lostInSystemColours } from './bars.mjs'
import { ADA, DIST, PASSWORD, THERAPIST, check, demo, desk, finish, holds, phone, scratch, server, signIn } from './lib.mjs'

const axe = readFileSync(join(import.meta.dirname, '../node_modules/axe-core/axe.min.js'), 'utf8')
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice']
const SHOTS = process.env.SHOTS
if (SHOTS) mkdirSync(SHOTS, { recursive: true })
const faults = []
let broken = 0
let screens = 0
let lost = 0
const dir = demo()
const { url, stop } = await server(dir, '--dev')
const api = async (method, path, token, body) => {
  const answer = await fetch(url + path, { method, headers: { 'content-type': 'application/json', authorization: token }, body: body && JSON.stringify(body) })
  const text = await answer.text()
  return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : text }
}
const login = async identity => (await api('POST', '/api/collections/users/auth-with-password', '', { identity, password: PASSWORD })).body.token
const ada = 'ada000000000000'

// --- bytes
const page0 = readFileSync(join(DIST, 'admin/index.html'), 'utf8')
const bytes = [...page0.matchAll(/\/assets\/[^"]+\.(js|css)/g)].reduce((sum, m) => sum + gzipSync(readFileSync(DIST + m[0]), { level: 9 }).length, 0) / 1000
check('desk JS+CSS ≤ 60 kB gz', bytes > 1 && bytes <= 60, `${bytes.toFixed(1)} kB`)
check('nothing of the desk in the service worker', !/admin/.test(readFileSync(join(DIST, 'app/sw.js'), 'utf8')))

// --- the pages of the desk
const context = await desk(scratch(), faults)
const page = await context.newPage()
await page.goto(`${url}/admin/`)
await signIn(page, THERAPIST)
await page.getByRole('heading', { name: 'People', level: 1 }).waitFor()

async function fine(name, on = page) {
  await on.evaluate(axe)
  for (const colorScheme of ['light', 'dark']) {
    await on.emulateMedia({ colorScheme })
    const { violations } = await on.evaluate(tags => axe.run(document, { runOnly: tags }), TAGS)
    broken += violations.length
    check(`axe: ${name}, ${colorScheme}`, !violations.length, violations.map(v => `${v.id}: ${v.nodes.map(n => n.target).join(' ')}`).join('; '))
    if (SHOTS) await on.screenshot({ path: `${SHOTS}/${name}-${colorScheme}.png`, fullPage: true })
  }
  await on.emulateMedia({ colorScheme: 'light' })
  const small = await on.evaluate(() => [...document.querySelectorAll('button, select, input, nav a')].filter(e => e.offsetParent && !['radio', 'checkbox'].includes(e.type) && e.getBoundingClientRect().height < 31.5).map(e => e.textContent || e.name))
  check(`targets ≥ 32 px: ${name}`, !small.length, small.join(', '))
  const unseen = await lostInSystemColours(on)
  screens++
  lost += unseen.length
  check(`B-16 system colours: ${name}`, !unseen.length, unseen.join(' '))
  await on.emulateMedia({ colorScheme: 'light' })
  const size = on.viewportSize()
  for (const width of [1280, 390]) {
    await on.setViewportSize({ width, height: 844 })
    await holds(`${width} px: nothing sticks out: ${name}`, () => on.evaluate(() => document.documentElement.scrollWidth <= innerWidth))
  }
  if (SHOTS) await on.screenshot({ path: `${SHOTS}/${name}-390.png`, fullPage: true })
  await on.setViewportSize(size)
}
const open = async name => {
  await page.getByRole('navigation').getByRole('link', { name, exact: true }).click()
  await page.getByRole('heading', { name, level: 1 }).waitFor()
}
await page.getByRole('rowheader', { name: /Amira/ }).waitFor()
await fine('people')

// --- somebody new comes by a code
await page.getByLabel('Name, as patients know it').fill('Nia P., PT')
await page.getByLabel('Role').selectOption('clinic_admin')
await page.getByRole('button', { name: 'Invite' }).click()
const code = await page.locator('.code').innerText()
check('a code is shown once', /^[0-9A-Z-]{12}$/.test(code), code)
const hers = await desk(scratch(), faults)
const nia = await hers.newPage()
await nia.goto(`${url}/admin/#join=${code}`)
await nia.getByLabel('Email').fill('nia@demo.interictal.test')
await nia.getByLabel('Password').fill(PASSWORD)
await fine('join', nia)
await nia.getByRole('button', { name: 'Use the code' }).click()
await nia.getByRole('link', { name: 'Clinic desk' }).click()
await nia.getByRole('heading', { name: 'People', level: 1 }).waitFor()
check('the new colleague is at the desk', true)
// she treats too
const amira = await login(THERAPIST)
const second = await api('POST', '/api/clinics/demo00000000000/codes', amira, { kind: 'staff', role: 'therapist', name: 'Nia P., PT' })
await api('POST', '/api/codes/redeem', '', { code: second.body.code, email: 'nia@demo.interictal.test', password: PASSWORD })

// --- the other pages
for (const [name, sign] of [['Devices', 'No device has synced yet.'], ['Rules', 'Every number'], ['Libraries', 'Nothing of its own yet.'], ['Consents', 'New patients agree to the text'], ['Audit', 'Who'], ['Erasures', 'Nobody was erased.'], ['Upkeep', 'Encrypted copies'], ['Outcomes', 'Fewer than 20 patients']]) {
  await open(name)
  await page.getByText(sign).first().waitFor()
  await fine(name.toLowerCase())
}

// --- rules from a day on
await open('Rules')
await page.getByLabel('From').fill(new Date(Date.now() + 9 * 86_400_000).toISOString().slice(0, 10))
await page.getByLabel('Profile').selectOption('us_medicare')
await page.getByRole('button', { name: 'Decide' }).click()
await page.getByText('waits for its day').waitFor()
await page.getByRole('button', { name: 'Take back' }).click()
await page.getByText('taken back').waitFor()
check('rules wait for their day, and are taken back', true)

// --- the clinic's own library: begun from a common item, reworded, retired
await open('Libraries')
await page.getByRole('button', { name: 'Add an item' }).click()
await page.getByLabel('Start from').selectOption({ index: 1 })
await holds('a copy begins with the words of the common one', async () => (await page.getByLabel('What to do').inputValue()).length > 20)
await page.getByLabel('Name, as').fill('Our chin nod')
await fine('library-form')
await page.getByRole('button', { name: 'Keep' }).click()
await page.getByText('Kept: Our chin nod.').waitFor()
await page.getByRole('button', { name: 'Edit Our chin nod' }).click()
await page.getByLabel('When to stop').fill('Stop when it hurts.')
await page.getByRole('button', { name: 'Keep' }).click()
const item = page.getByRole('row', { name: /Our chin nod/ })
await holds('another wording is another version', async () => (await item.getByRole('cell').nth(2).innerText()) === '2')
await page.getByRole('button', { name: 'Retire: Our chin nod' }).click()
await holds('retired, it is no longer offered', async () => (await item.innerText()).includes('retired'))
await page.getByRole('button', { name: 'Offer again: Our chin nod' }).click()
await holds('and offered again', async () => (await item.innerText()).includes('offered'))
await fine('libraries-own')

// --- the clinic's consent text: a version in force, shown to whoever has a code
await open('Consents')
await page.getByLabel('Version, for').fill('2027-01')
await page.getByLabel('The text').fill('We use what you share to treat you, and for nothing else.')
await page.getByRole('button', { name: 'Put it in force' }).click()
await page.getByText('New patients agree to the text 2027-01.').waitFor()
await fine('consents-text')
const made = (await api('POST', '/api/collections/patients/records', amira, { clinic: 'demo00000000000', name: 'Zoe N.', birth_date: '1990-02-03', timezone: 'UTC', active: true })).body.id
await api('POST', '/api/collections/care_links/records', amira, { patient: made, member: 'amira0000000000', role: 'therapist', from: new Date().toISOString() })
const invited = (await api('POST', '/api/invitations', amira, { patient: made })).body.code
const zoes = await phone(scratch(), faults)
const zoe = await zoes.newPage()
await zoe.goto(`${url}/app/#join=${invited}`)
await zoe.getByText('and for nothing else.').waitFor()
if (SHOTS) await zoe.screenshot({ path: `${SHOTS}/join-consent.png`, fullPage: true })
await zoe.getByLabel('Email').fill('zoe@demo.interictal.test')
await zoe.getByLabel('password').fill(PASSWORD)
await zoe.getByRole('button', { name: 'Share all' }).or(zoe.locator('fieldset button')).first().click()
await zoe.locator('button.main').click()
await zoe.getByRole('button', { name: 'Attack now' }).or(zoe.getByRole('link', { name: 'Today' })).first().waitFor()
await holds('her consents name the text', async () => (await api('GET', `/api/collections/consents/records?filter=${encodeURIComponent(`patient="${made}"`)}`, amira)).body.items.every(c => c.version === '2027-01'))

// --- and a new one: who said yes before reads it on her phone, with no signal, and what is on stays on
const screen = bars(() => zoe, SHOTS)
const hers_ = async () => (await api('GET', `/api/collections/consents/records?filter=${encodeURIComponent(`patient="${made}"`)}`, amira)).body.items
const decided = (await hers_()).map(c => `${c.family} ${c.state}`).sort().join()
const news = zoe.getByRole('link', { name: 'Your clinic has a new text about what it may see' })
const texts = () => zoe.evaluate(() => JSON.parse(localStorage.getItem('interictal-consent'))?.texts.map(t => t.version).join())
await zoe.getByText('Up to date').waitFor()
await zoe.evaluate(() => navigator.serviceWorker.ready)
await holds('her phone knows the text, and asks nothing', async () => (await texts()) === '2027-01' && !(await news.count()), texts)
const before = (await api('GET', '/api/clinics/demo00000000000/consents', amira)).body.earlier
await page.getByLabel('Version, for').fill('2027-02')
await page.getByLabel('The text').fill('We use what you share to treat you, and for nothing else.\n\nNew: your neurologist reads it too, where you have one.')
await page.getByRole('button', { name: 'Put it in force' }).click()
await page.getByText('New patients agree to the text 2027-02.').waitFor()
await holds('the desk says how many are under an earlier text', () => page.getByText(`${before + 1} patients have said yes to an earlier text.`).isVisible())
await fine('consents-earlier')
await zoe.reload()
await zoe.getByText('Up to date').waitFor()
check('it asks once a day', (await texts()) === '2027-01')
await zoe.evaluate(() => localStorage.setItem('interictal-consent', JSON.stringify({ ...JSON.parse(localStorage.getItem('interictal-consent')), at: Date.now() - 86_400_001 })))
await zoe.reload()
await news.waitFor()
await screen('today, a new text')
await zoe.getByRole('button', { name: 'Attack now', exact: true }).click()
await zoe.getByRole('button', { name: 'It is over' }).waitFor()
await holds('in an open attack there is no such line', async () => !(await news.count()))
await zoe.getByRole('button', { name: 'Undo' }).click()
await news.waitFor()
await zoe.getByText('Up to date').waitFor()
await zoes.setOffline(true)
await zoe.reload()
await zoe.goto(`${url}/app/#more`)
await holds('offline: More says it beside what her clinic may see', () => zoe.getByRole('listitem').filter({ hasText: 'What my clinic may see' }).getByText('Your clinic has a new text').isVisible())
await screen('more, a new text')
await zoe.goto(`${url}/app/#today`)
await news.click()
await zoe.getByText('New: your neurologist reads it too').waitFor()
await zoe.getByRole('button', { name: 'Show the text from before' }).click()
await holds('offline: in full, since when, and what she said yes to before', async () => (await zoe.getByText(/^New since \d/).isVisible()) && (await zoe.getByText(/So far you have said yes to the text “2027-01”, on \d/).isVisible()) && (await zoe.getByText('We use what you share').count()) === 2)
await screen('consents, a new text')
const readIt = zoe.getByRole('button', { name: 'I have read it. What is on stays on.' })
await readIt.click()
await zoe.getByText('Noted: you have read the new text.').first().waitFor()
await zoe.getByRole('button', { name: 'Undo' }).click()
await readIt.click()
await holds('read, taken back, read again', async () => !(await readIt.count()) && (await zoe.getByText('New: your neurologist reads it too').isVisible()))
await screen('consents, read')
check('nothing of it was sent yet', (await hers_()).every(c => c.version === '2027-01'))
await zoes.setOffline(false)
await holds('then her rows name the new text, and what was on is on', async () => (await hers_()).every(c => c.version === '2027-02') && (await hers_()).map(c => `${c.family} ${c.state}`).sort().join() === decided, async () => (await hers_()).map(c => c.version).join())
await zoe.goto(`${url}/app/#today`)
await zoe.getByText('Up to date').waitFor()
await holds('and Today says nothing more', async () => (await zoe.getByTestId('recent').or(zoe.getByText('No attacks here yet')).count()) > 0 && !(await news.count()))
await holds('the desk counts one less', async () => (await api('GET', '/api/clinics/demo00000000000/consents', amira)).body.earlier === before)
await zoe.goto(`${url}/app/#settings`)
await zoe.getByRole('button', { name: 'Sign out and erase this phone' }).click()
await zoe.getByRole('button', { name: 'Yes, erase' }).click()
await zoe.getByLabel('Password').waitFor()
await holds('signed out, the phone has forgotten it', async () => (await zoe.evaluate(() => localStorage.getItem('interictal-consent'))) === null)
await zoes.close()
await api('PATCH', `/api/collections/patients/records/${made}`, amira, { active: false })
await api('PATCH', `/api/collections/care_links/records/${(await api('GET', `/api/collections/care_links/records?filter=${encodeURIComponent(`patient="${made}"`)}`, amira)).body.items[0].id}`, amira, { until: new Date().toISOString() })

// --- a neurologist is linked, reads and answers from his own account
await open('Patients')
await page.getByRole('button', { name: 'Open Ada' }).click()
await page.getByLabel('Add to the team').selectOption({ label: 'Dr Lee, neurologist' })
await page.getByRole('button', { name: 'Add', exact: true }).click()
await page.getByText('Done.').waitFor()
await fine('patient')
await api('POST', '/api/collections/care_messages/records', amira, { patient: ada, body: 'May we speak about the preventive?', entered_at: new Date().toISOString() })
const his = await desk(scratch(), faults)
const lee = await his.newPage()
await lee.goto(`${url}/report/#account`)
await signIn(lee, 'lee@demo.interictal.test')
await lee.getByRole('heading', { name: 'Your patients' }).waitFor()
const rows = () => lee.getByRole('row').count()
await holds('he sees who was entrusted to him, and nobody else', async () => (await rows()) === 2 && (await lee.getByRole('link', { name: 'Ada K.' }).isVisible()), async () => `${(await rows()) - 1} patients`)
await fine('neurology', lee)
await lee.getByRole('link', { name: 'Ada K.' }).click()
await lee.getByText('May we speak about the preventive?').waitFor()
await lee.getByLabel('Change the medicine-day limit').check()
await lee.getByRole('textbox', { name: 'In words' }).fill('Eight days at most.')
await lee.getByRole('button', { name: 'Send' }).first().click()
await lee.getByText('Sent. The therapist has it').waitFor()
await lee.getByLabel('Message to patient and therapist').fill('Yes, on Friday.')
await lee.getByRole('button', { name: 'Send' }).last().click()
await lee.getByText('Yes, on Friday.').waitFor()
await fine('neurologist', lee)
const mine = encodeURIComponent(`patient="${ada}"`)
const talk = (await api('GET', `/api/collections/care_messages/records?filter=${mine}&sort=created`, amira)).body.items
const said = words => talk.find(m => m.body === words)
check('what he read is marked as read by him, and his answer stands as his', said('May we speak about the preventive?').read_by_neurologist !== '' && said('Yes, on Friday.').author_role === 'neurologist')
const tasks = (await api('GET', `/api/collections/tasks/records?filter=${mine}`, amira)).body.items
check('his answer is a task', tasks.some(t => t.code === 'REPORT_REPLY' && t.state === 'open'))
await holds('another patient is closed to him', async () => (await api('GET', '/api/patients/ben000000000000/report', await login('lee@demo.interictal.test'))).status === 404)

// --- a diary behind glass
await nia.goto(`${url}/admin/#patients`)
await nia.getByRole('button', { name: 'Open Ben' }).click()
await nia.getByRole('button', { name: 'Open the diary' }).click()
await nia.getByLabel('Reason').fill('He was found unwell, nobody of his team is here.')
await nia.getByRole('button', { name: 'Open it now' }).click()
await nia.getByRole('button', { name: 'Show' }).click()
await nia.getByText('What the team sees').waitFor()
await fine('glass', nia)
await nia.getByRole('button', { name: 'Close it' }).click()
await nia.getByRole('button', { name: 'Open it now' }).waitFor()
const bens = await phone(scratch(), faults)
const ben = await bens.newPage()
await ben.goto(`${url}/app/`)
await signIn(ben, 'ben@demo.interictal.test')
await ben.getByRole('button', { name: 'Attack now' }).or(ben.getByRole('link', { name: 'Today' })).first().waitFor()
await ben.getByText('Up to date').first().waitFor() // the server knows this phone
await ben.goto(`${url}/app/#readers`)
await ben.getByText('He was found unwell, nobody of his team is here.').waitFor()
await holds('the patient reads who looked, and why', () => ben.getByText('opened your diary in an emergency').isVisible())
if (SHOTS) await ben.screenshot({ path: `${SHOTS}/readers.png`, fullPage: true })

// --- a lost phone
await open('Devices')
await page.getByRole('rowheader', { name: /Ben/ }).waitFor()
await page.getByRole('row', { name: /Ben/ }).getByRole('button', { name: 'Revoke and erase' }).click()
await page.getByText('to be erased at its next contact').waitFor()
await ben.evaluate(() => dispatchEvent(new Event('online')))
await ben.getByLabel('Password').waitFor()
const left = () => ben.evaluate(async () => [Object.keys(localStorage).filter(k => /auth|me-/.test(k)).length, (await indexedDB.databases()).length].join())
await holds('the phone has erased itself', async () => (await left()) === '0,0', left)
await open('Upkeep')
await open('Devices')
await page.getByText(/^told /).waitFor()
await fine('devices-told')

// --- the therapist leaves
await nia.goto(`${url}/admin/#people`)
await nia.getByRole('row', { name: /Amira/ }).getByRole('button', { name: 'Move or leave' }).click()
await nia.getByText('8 patients,').waitFor()
await nia.getByLabel('To whom').selectOption({ label: 'Nia P., PT' })
await nia.getByLabel('Why').fill('Moves to the coast.')
await fine('impact', nia)
await nia.getByRole('button', { name: 'Leaves the clinic' }).click()
await nia.getByText('has left. 8 patients have somebody new.').waitFor()
await holds('her session is over', async () => (await api('GET', '/api/caseload', amira)).status === 401 && (await login(THERAPIST)) === undefined)
const nias = await login('nia@demo.interictal.test')
await holds('the patients are in the new one’s caseload', async () => (await api('GET', '/api/caseload', nias)).body.patients.length === 8)
await page.reload()
await page.getByLabel('Password').waitFor()
check('the desk is closed to her', true)

// --- a patient takes everything along, and is erased
const adas = await phone(scratch(), faults)
const app = await adas.newPage()
await app.goto(`${url}/app/`)
await signIn(app, ADA)
await app.getByRole('button', { name: 'Attack now' }).or(app.getByRole('link', { name: 'Today' })).first().waitFor()
await app.goto(`${url}/app/#export`)
await app.getByRole('link', { name: 'What my clinic holds' }).click()
const [file] = await Promise.all([app.waitForEvent('download'), app.getByRole('button', { name: 'Get all of it (ZIP)' }).click()])
const zip = readFileSync(await file.path())
check('everything comes as a ZIP', zip.subarray(0, 2).toString() === 'PK' && zip.includes('json/attacks.json') && zip.includes('csv/plans.csv') && zip.includes('README.txt'), `${zip.length} bytes`)
await app.getByRole('button', { name: 'Show what would go' }).click()
await app.getByText('go for good').waitFor()
await app.evaluate(axe)
const { violations } = await app.evaluate(tags => axe.run(document, { runOnly: tags }), TAGS)
check('axe: leave', !violations.length, violations.map(v => v.id).join())
if (SHOTS) await app.screenshot({ path: `${SHOTS}/leave.png`, fullPage: true })
await app.getByLabel('To go on, type ERASE').fill('erase')
await app.getByRole('button', { name: 'Erase for good' }).click()
await app.getByLabel('Password').waitFor()
await holds('and the phone is empty', async () => (await app.evaluate(async () => (await indexedDB.databases()).length)) === 0)
await holds('nobody signs in to it', async () => (await login(ADA)) === undefined)
await holds('the new therapist has seven patients', async () => (await api('GET', '/api/caseload', nias)).body.patients.length === 7)
await nia.goto(`${url}/admin/#erasures`)
await nia.getByRole('button', { name: 'Open the locked record' }).click()
await nia.getByLabel('Reason').fill('A court asks for it.')
await nia.getByRole('button', { name: 'Open', exact: true }).click()
await nia.getByText('plans: record of care').first().waitFor()
await fine('erasures-open', nia)
await holds('the record of care is there, the diary is not', async () => !(await nia.getByText('attacks:').count()))

check('B-08 axe finds nothing on any page of the desk, both themes', broken === 0, `${screens} screens, ${broken} violations`)
check('B-16 nothing is lost in the system’s colours on any of them', lost === 0, `${screens} screens, ${lost} lost`)
check('B-17 nothing from elsewhere, nothing blocked by the policy, no page error', !faults.length, `${faults.length} ${faults.join('; ')}`)
await Promise.all([context, hers, his, bens, adas].map(c => c.close()))
await stop()
finish()

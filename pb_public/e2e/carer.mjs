// Around the app: a diary brought in from Migraine Buddy, a month on paper and back, text size and hand, two attacks that are one or
// two, and the caregiver's link on a line that breaks. The real binary, really stopped. With SHOTS=folder every screen as a picture.
import { readFileSync, readdirSync, writeFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { bars, moving, sideways, small, violations, walk } from './bars.mjs'
import { ADA, DIST, PASSWORD, check, demo, finish, holds, pause, phone, scratch, server, signIn } from './lib.mjs'
import { pages } from './pdf.mjs'

const SHOTS = process.env.SHOTS
if (SHOTS) mkdirSync(SHOTS, { recursive: true })
const faults = []
const { url, start, stop } = await server(demo())
const ada = 'ada000000000000'
const call = async (method, path, token, body) => {
  const answer = await fetch(url + path, { method, headers: { 'content-type': 'application/json', authorization: token }, body: body && JSON.stringify(body) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${path} ${answer.status} ${text}`)
  return text && JSON.parse(text)
}
const token = (await call('POST', '/api/collections/users/auth-with-password', '', { identity: ADA, password: PASSWORD })).token
const list = async (collection, filter = '') => (await call('GET', `/api/collections/${collection}/records?perPage=500${filter && `&filter=(${encodeURIComponent(filter)})`}`, token)).items
const until = async (what, ask) => {
  for (const end = Date.now() + 20_000; Date.now() < end; await pause(100)) if (await ask()) return true
  console.log(`     waited in vain for ${what}`)
  return false
}

const hand = await phone(scratch(), faults)
const page = await hand.newPage()
const screen = bars(() => page, SHOTS)
await page.goto(`${url}/app/`)
await signIn(page, ADA)
await page.getByText('Up to date').waitFor()
const isOver = page.getByRole('button', { name: 'It is over' })
await pause(300)
if (await isOver.isVisible()) await isOver.click(), await page.getByRole('button', { name: 'Just now' }).click()
await page.evaluate(() => navigator.serviceWorker.ready)
const say = text => page.locator('p.hidden[role=status]').filter({ hasText: text }).waitFor({ state: 'attached' })

// --- a diary from another app, without a network
const HEAD = '"#","Started","Lasted","Start UTC Offset (min)","End UTC Offset (min)","Geohash","Attack Types","Attack Location","Pain Level","Affected Activities","Potential Triggers","Symptoms","Most Bothersome Symptom","Premonitory Symptoms","Pain Positions","Helpful Medication","Somewhat helpful thing"'
const line = (n, started, lasted, pain, symptoms, drug) => [n, started, lasted, -300, -300, 'dr4', 'Migraine', 'Home', pain, 'Work', 'Stress', symptoms, 'Nausea', 'Yawning', 'Left', drug, 'x'].map(c => `"${c}"`).join(',')
const csv = ['"Date","Time Period","Description","Notes"', '"No ongoing events"', '', HEAD,
  line(1, '03/04/2019 08:30', '4h 30m', 7, 'Nausea, Sensitivity to light', 'Sumatriptan'), line(2, '05/04/2019 22:00', '9h', 5, 'Odd feeling', 'Ibuprofen'),
  line(3, 'some day', '1h', 5, '', ''), line(4, '07/04/2019 10:00', 'a while', 'Severe', '', '')].join('\n')
const choose = content => page.getByLabel('Pick the file').setInputFiles({ name: 'buddy.csv', mimeType: 'text/csv', buffer: Buffer.from(content) })
await stop()
await page.goto(`${url}/app/#import`)
await page.getByText('It is read on this phone').waitFor()
await screen('import, empty')
await choose('day,headache\n2026-01-01,yes')
await page.getByRole('alert').filter({ hasText: 'not a file we know' }).waitFor()
await screen('import, another file')
await choose([HEAD, ...Array.from({ length: 33 }, (_, i) => line(i + 1, 'some day', '1h', 5, '', ''))].join('\n'))
await page.getByText('And 3 lines more.').waitFor()
check('import: of many lines left out the first thirty are listed, and how many more there are', /Left out: 33 lines/.test(await page.locator('main').innerText()) && (await page.getByText('The start is not a day and a time.').count()) === 30)
await screen('import, much left out')
await choose(csv)
await page.getByRole('heading', { name: 'What does 03/04/2019 08:30 mean?' }).waitFor()
await screen('import, which is the month')
await page.getByRole('button', { name: 'The day comes first' }).click()
await page.getByRole('button', { name: 'Add 3 attacks' }).waitFor()
const said = await page.locator('main').innerText()
check('import: what is left out, with its line and the reason', /Left out: 1 line[\s\S]*Line 7 The start is not a day and a time\. some day/.test(said))
check('import: what is not clear, and a column nobody knows', /Line 8 How long is not clear[\s\S]*Line 8 The pain is not a number/.test(said) && /Somewhat helpful thing says something in 4 lines/.test(said))
check('import: the first attacks can be checked', /Wed,? 3 Apr,? 08:30 – Wed,? 3 Apr,? 13:00, worst 7/.test(said), said.match(/.*worst 7/)?.[0])
await screen('import, dry run')
await page.getByRole('button', { name: 'Add 3 attacks' }).click()
await say('Added: 3 attacks.')
await page.reload()
await page.getByRole('heading', { name: 'Brought in before: 3 attacks' }).waitFor()
check('import: added without a network, still there after a reload', true)
await screen('import, done')
await choose(`\uFEFFsep=;\r\n${csv.replaceAll('","', '";"').replaceAll('\n', '\r\n')}`)
await page.getByRole('button', { name: 'The day comes first' }).click()
await page.getByText('There is nothing new to add.').waitFor()
check('import: the same file again, as a spreadsheet saves it, is read and adds nothing', true)
await start()
await page.evaluate(() => dispatchEvent(new Event('online')))
const imported = () => list('attacks', 'source="import" && started_at<"2020-01-01"')
check('import: ordinary entries on the server, marked', await until('the import', async () => (await imported()).length === 3) && (await imported()).every(a => a.id.startsWith('mb') && a.note.startsWith('Migraine Buddy')))
await holds('import: a day that surely had medicine says so, and nothing else', async () => {
  const [yes] = await list('diary_days', 'day="2019-04-03"')
  return yes.acute_medicine === true && yes.headache === null && yes.source === 'import' && !(await list('diary_days', 'day="2019-04-05"')).length
})
await page.getByRole('button', { name: 'Take all of it out' }).click()
await say('Taken out.')
check('import: all of it is taken out with one tap', await until('the import to be gone', async () => !(await imported()).length && !(await list('diary_days', 'day="2019-04-03"')).length))

// --- a month on paper
const month = new Date(Date.now() - 40 * 86_400_000).toISOString().slice(0, 7)
await page.goto(`${url}/app/#paper=${month}`)
await page.getByRole('button', { name: 'Print this page' }).waitFor()
await screen('paper')
for (const [name, at] of [['31 days', '2025-12'], ['28 days', '2026-02']]) {
  await page.goto(`${url}/app/#paper=${at}`)
  await page.getByRole('heading', { name: at === '2025-12' ? 'Headache diary, December 2025' : 'Headache diary, February 2026' }).waitFor()
  const pdf = await page.pdf({ format: 'A4', preferCSSPageSize: true })
  if (SHOTS) writeFileSync(`${SHOTS}/paper-${at}.pdf`, pdf)
  const sheets = pages(pdf)
  const text = sheets.join('').replaceAll('ﬀ', 'ff').replaceAll('ﬁ', 'fi').replaceAll('ﬂ', 'fl').replace(/\s+/g, '')
  check(`paper: one A4 page, ${name}`, sheets.length === 1 && text.includes('Headachediary') && !text.includes('Printthispage'), `${sheets.length} pages`)
}
await page.emulateMedia({ media: 'print' })
await holds('paper: black on white', async () => (await page.evaluate(() => getComputedStyle(document.body).backgroundColor)) === 'rgb(255, 255, 255)')
if (SHOTS) await page.setViewportSize({ width: 718, height: 1050 }), await page.screenshot({ path: `${SHOTS}/paper-sheet.png`, fullPage: true }), await page.setViewportSize({ width: 390, height: 844 })
await page.emulateMedia({ media: null })

// --- and back: thumb and keyboard, without a network
await stop()
await page.goto(`${url}/app/#key=2019-05`)
await page.getByTestId('day').filter({ hasText: '1 May' }).waitFor()
await screen('key, empty')
const group = name => page.getByRole('group', { name, exact: true })
await group('Headache?').getByRole('button', { name: 'Yes' }).click()
await group('Worst pain, 0 to 10').getByRole('button', { name: '6', exact: true }).click()
await group('Headache medicine?').getByRole('button', { name: 'No', exact: true }).click()
await group('Neck pain, 0 to 10').getByRole('button', { name: '3', exact: true }).click()
await page.getByText('1 of 31 days have an answer').waitFor()
await screen('key, a day answered')
await page.getByRole('button', { name: 'Next day' }).click()
await page.evaluate(() => document.activeElement.blur())
await page.getByTestId('day').filter({ hasText: '2 May' }).waitFor()
const type = async keys => {
  for (const key of keys) await page.keyboard.press(key) // as fast as they come
}
const began = performance.now()
await type(['n', 'n', '0', 'Enter']) // 2 May
await type(['Enter']) // 3 May stays empty
await type(['?', 'Enter']) // 4 May too
await type(['y', 'x', 'y', '2', 'Enter']) // 5 May
check('key: four days by keyboard alone', true, `${Math.round(performance.now() - began)} ms`)
await page.getByText('3 of 31 days have an answer').waitFor()
await page.keyboard.press('ArrowLeft')
await group('Neck pain, 0 to 10').getByRole('button', { name: '2', exact: true, pressed: true }).waitFor() // the last key has reached the disk
await page.reload()
await page.getByText('3 of 31 days have an answer').waitFor()
check('key: still there after a reload without a network', true)
await start()
await page.evaluate(() => dispatchEvent(new Event('online')))
const keyed = () => list('diary_days', 'day>="2019-05-01" && day<="2019-05-31"')
await until('the keyed days', async () => (await keyed()).length === 3)
const short = d => `${d.day.slice(8)} ${d.headache} ${d.worst_pain_nrs} ${d.acute_medicine} ${d.neck_pain_nrs}`
const days = async () => (await keyed()).map(short).sort().join('; ')
await holds('key: what was said is on the server, days left out are not', async () => (await days()) === '01 true 6 false 3; 02 false null false 0; 05 true 10 true 2', days)

// --- text size and hand
for (const [size, word] of [['largest', 'Largest'], ['large', 'Large']]) {
  await page.goto(`${url}/app/#settings`)
  await group('Text size').getByRole('button', { name: word, exact: true }).click()
  for (const where of ['today', 'diary', 'carer', 'settings']) {
    await page.goto(`${url}/app/#${where}`)
    await page.locator('main').waitFor()
    await pause(400)
    await page.setViewportSize({ width: 320, height: 640 })
    const sticks = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
    check(`text ${size}: nothing sticks out at 320 px: ${where}`, !sticks)
    await page.setViewportSize({ width: 390, height: 844 })
    if (SHOTS && size === 'largest') await page.screenshot({ path: `${SHOTS}/largest-${where}.png` })
  }
}
await group('Hand that holds the phone').getByRole('button', { name: 'Left' }).click()
await page.goto('about:blank')
await page.goto(`${url}/app/#settings`, { waitUntil: 'commit' })
await page.waitForFunction(() => document.querySelector('main'))
await holds('size and hand are there with the first paint', async () => (await page.evaluate(() => `${document.documentElement.dataset.size} ${document.documentElement.dataset.hand}`)) === 'large left')
const [back, title] = [await page.getByRole('link', { name: 'Back' }).boundingBox(), await page.getByRole('heading', { level: 1 }).boundingBox()]
check('the left hand has Back under its thumb', back.x + back.width <= title.x)
await screen('settings, large, left hand')
await group('Text size').getByRole('button', { name: 'Standard' }).click()
await group('Hand that holds the phone').getByRole('button', { name: 'Right' }).click()

// --- two attacks near each other
const made = (id, from, to) => call('POST', '/api/collections/attacks/records', token, { id, patient: ada, started_at: from, ended_at: to, end_known: 'exact' })
await made('firstofthetwo01', '2019-06-03 10:00:00.000Z', '2019-06-03 16:00:00.000Z')
await made('secondofthetwo1', '2019-06-04 20:00:00.000Z', '2019-06-04 23:00:00.000Z')
const episodes = async () => (await call('GET', `/api/patients/${ada}/attacks?from=2019-06-01&to=2019-06-10`, token)).episodes.length
await holds('two attacks 28 hours apart count as one', async () => (await episodes()) === 1)
await page.goto(`${url}/app/#attack=secondofthetwo1`)
await page.getByRole('heading', { name: 'Is this the same attack as the one before?' }).waitFor()
await screen('attack, one or two')
await page.getByRole('button', { name: 'No, two attacks' }).click()
check('her word is counted by the server', await until('two episodes', async () => (await episodes()) === 2))
await page.getByRole('button', { name: 'Undo' }).click()
check('and taken back', await until('one episode', async () => (await episodes()) === 1))
await page.goto(`${url}/app/#attack=firstofthetwo01`)
await page.getByText('Noted so far').waitFor()
await holds('an attack with none before it is not asked about', async () => !(await page.getByText('Is this the same attack').isVisible()))

// --- a link for somebody beside her
await page.goto(`${url}/app/#carer`)
await page.getByText('You have given no link.').waitFor()
await screen('carer, none')
await page.getByLabel('Who is it for?').fill('   ')
await page.getByRole('button', { name: 'Make a link' }).click()
await page.getByRole('alert').filter({ hasText: 'Name: this answer does not fit.' }).waitFor()
await screen('carer, refused')
const loses = () => page.route('**/caregivers', async route => (await route.fetch(), await route.abort()), { times: 1 })
await loses()
await page.getByLabel('Who is it for?').fill('Kim')
await page.getByRole('button', { name: 'Make a link' }).click()
await page.getByRole('alert').filter({ hasText: 'needs a network' }).waitFor()
await call('POST', `/api/caregivers/${(await list('caregiver_links', 'name="Kim"'))[0].id}/revoke`, token, {}) // on another phone
await page.getByRole('button', { name: 'Make a link' }).click()
await page.getByRole('alert').filter({ hasText: 'another link' }).waitFor()
await loses()
await page.getByLabel('Who is it for?').fill('Sam')
await page.getByRole('button', { name: 'Make a link' }).click()
await page.getByRole('alert').filter({ hasText: 'needs a network' }).waitFor()
await page.getByRole('button', { name: 'Make a link' }).click()
await page.getByTestId('link').waitFor()
await holds('a lost answer and a second tap: one link', async () => (await list('caregiver_links', 'name="Sam"')).length === 1)
const link = await page.getByTestId('link').innerText()
await screen('carer, a new link')
const secret = link.split('#')[1]
check('the token stands behind the # alone', link.startsWith(`${url}/carer/#`) && secret.length === 58)
await hand.setOffline(true)
await page.goto(`${url}/app/#more`)
await page.goto(`${url}/app/#carer`)
await page.getByRole('alert').filter({ hasText: 'needs a network' }).waitFor()
await screen('carer, offline')
await hand.setOffline(false)

const html = readFileSync(join(DIST, 'carer/index.html'), 'utf8')
const kB = [...html.matchAll(/\/assets\/[^"]+\.(js|css)/g)].reduce((sum, [f]) => sum + gzipSync(readFileSync(DIST + f), { level: 9 }).length, 0) / 1000
check('the caregiver’s page: JS+CSS ≤ 15 kB gz', kB > 1 && kB <= 15, `${kB.toFixed(1)} kB`)
check('it is built beside the others', readdirSync(DIST).includes('carer'))
const beside = await phone(scratch(), faults)
const asked = []
beside.on('request', r => asked.push([r.url(), r.postData() ?? '']))
const sams = await beside.newPage()
const samScreen = bars(() => sams, SHOTS)
await sams.goto(link)
await sams.getByText('You are Sam.').waitFor()
await samScreen('beside, begin')
const before = (await list('attacks')).length
await sams.getByRole('button', { name: 'Attack now' }).click()
await sams.getByRole('button', { name: 'Undo' }).click()
await sams.getByRole('button', { name: 'Attack now' }).waitFor()
await pause(6_000)
await holds('a tap taken back is never sent', async () => (await list('attacks')).length === before)
await stop()
await sams.getByRole('button', { name: 'Attack now' }).click()
await sams.getByRole('button', { name: '8', exact: true }).click()
await sams.getByRole('button', { name: 'Feels sick' }).click()
await sams.getByRole('textbox', { name: 'Note' }).fill('Half a tablet at two.')
await sams.getByRole('button', { name: 'Add the note' }).click()
await sams.getByText('4 entries wait. They are kept on this phone.').waitFor()
await samScreen('beside, working offline')
const focus = await walk(sams)
check('the caregiver’s page by keyboard: focus always visible', !focus.unseen.length, focus.unseen.join())
check('nothing to tap is small, nothing moves', !(await small(sams, 56)).length && !(await moving(sams)) && !(await sideways(sams, 320, '200%')).length && !(await violations(sams)).length)
await sams.evaluate(() => 0)
await start()
check('it is sent when the server is back', await until('the caregiver’s entries', async () => (await list('caregiver_entries')).length === 4))
// answers lost on the way: sent again and again, done once
let lost = 0
await sams.route('**/api/caregiver/entries', async route => {
  if (lost++ < 3) return void (await route.fetch(), await route.abort())
  await route.continue()
})
await sams.getByRole('button', { name: '3', exact: true }).click()
await sams.getByText('Sent', { exact: true }).waitFor({ timeout: 40_000 })
await sams.unrouteAll({ behavior: 'ignoreErrors' })
const [attack] = await list('attacks', 'entered_by="Sam"')
const readings = await list('attack_readings', `attack="${attack.id}"`)
check('three lost answers: every entry is there exactly once', lost >= 4 && readings.length === 2 && readings.every(r => r.entered_by === 'Sam') && attack.nausea === true && attack.note === 'Sam: Half a tablet at two.', `${lost} tries, ${readings.length} readings`)
await sams.reload()
await sams.getByTestId('log').getByText('Pain 8').waitFor()
await holds('the page comes back after a reload with what it noted', async () => (await sams.getByTestId('log').innerText()).includes('Half a tablet at two.'))
await samScreen('beside, working')

// --- she sees who it was, and it is her diary still
await page.goto(`${url}/app/#today`)
await page.goto(`${url}/app/#attack=${attack.id}`)
await page.getByTestId('stream').getByText('entered by Sam').first().waitFor()
await holds('her timeline says who entered it', async () => /began.*entered by Sam/is.test(await page.getByTestId('stream').innerText()))
await screen('attack, entered by a caregiver')
await sams.getByRole('button', { name: 'Just now' }).click()
await sams.getByText('It is over, noted.').waitFor()
check('the caregiver ends it', await until('the end', async () => (await list('attacks', 'ended_by="Sam"')).length === 1))
await samScreen('beside, over')
check('no address and no body holds the token', asked.length > 5 && asked.every(([address, body]) => !address.split('#')[0].includes(secret.slice(15)) && !body.includes(secret.slice(15))))
await holds('nor does the phone keep it', async () => !(await sams.evaluate(() => JSON.stringify(localStorage))).includes(secret.slice(15)))

// --- taken back at once
await page.goto(`${url}/app/#carer`)
await page.getByRole('button', { name: 'Take it back, the link for Sam' }).click()
await page.getByText('Taken back').first().waitFor()
await screen('carer, taken back')
const count = (await list('attacks')).length
await sams.getByRole('button', { name: 'Attack now' }).click()
await sams.getByRole('alert').filter({ hasText: 'This link does nothing now.' }).waitFor({ timeout: 15_000 })
await samScreen('beside, taken back')
await holds('and her phone holds no more of what was sent', async () => !(await sams.evaluate(() => JSON.stringify(localStorage))).includes('Half a tablet'))
await holds('a link taken back does nothing from then on', async () => (await list('attacks')).length === count)
const audit = await call('GET', '/api/collections/audit_events/records?perPage=200&filter=(capacity="caregiver")', token)
check('the audit names the link and what it did', audit.items.length >= 5 && audit.items.every(e => secret.startsWith(e.actor)), `${audit.items.length} lines`)

check('no page error, no policy violation, nothing asked elsewhere', !faults.length, faults.join('; '))
await Promise.all([hand.close(), beside.close()])
await stop()
finish()

// The neurologist's page as it is used: the link is opened, read on screen and on paper, answered, runs out, and is tried again.
// With SHOTS=folder the screen, the sheet and the PDF are kept for a look.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { ADA, DIST, PASSWORD, THERAPIST, check, demo, desk, finish, holds, phone, scratch, server, signIn } from './lib.mjs'
import { bars, colours, deskBars, violations } from './bars.mjs'
import { pages } from './pdf.mjs'

const SHOTS = process.env.SHOTS
if (SHOTS) mkdirSync(SHOTS, { recursive: true })
const faults = []
const { url, stop } = await server(demo(), '--dev')
const api = async (method, path, token, body) => {
  const answer = await fetch(url + path, { method, headers: { 'content-type': 'application/json', authorization: token }, body: body && JSON.stringify(body) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${path} ${answer.status} ${text}`)
  return text && JSON.parse(text)
}
const login = async identity => (await api('POST', '/api/collections/users/auth-with-password', '', { identity, password: PASSWORD })).token
const ada = 'ada000000000000'
const amira = await login(THERAPIST)
const adas = await login(ADA)

// --- bytes
const page0 = readFileSync(join(DIST, 'report/index.html'), 'utf8')
const asked = [...page0.matchAll(/\/assets\/[^"]+\.(js|css)/g)].map(m => m[0])
const bytes = asked.reduce((sum, f) => sum + gzipSync(readFileSync(DIST + f), { level: 9 }).length, 0) / 1000
check('report JS+CSS ≤ 60 kB gz', bytes > 1 && bytes <= 60, `${bytes.toFixed(1)} kB`)
check('nothing of the report in the service worker', !readFileSync(join(DIST, 'app/sw.js'), 'utf8').includes('report'))
check('it is built beside the others', readdirSync(DIST).includes('report'))

const ago = days => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)

// --- a full record: what makes the page long
const add = (collection, values) => api('POST', `/api/collections/${collection}/records`, amira, { patient: ada, ...values })
for (const [name, from, to] of [['Topiramate', ago(200), ''], ['Candesartan', ago(80), ago(20)], ['Amitriptyline', ago(260), ago(170)]])
  await add('medications', { name, strength: '25 mg', drug_class: 'preventive', indication: 'preventive', started_on: from, stopped_on: to })
for (const [type, side, site, unit] of [['flexion_rotation', 'right', '', 'deg'], ['ppt', 'right', 'upper_trapezius', 'kPa'], ['cervical_rom', '', 'flexion', 'deg']])
  for (const [value, on] of [[28, ago(28)], [36, ago(2)]])
    await add('physical_measures', { type, side, site, value, unit, measured_on: on, headache_free: true })
await add('safety_alerts', { level: 'soon', code: 'MED_OVER', raised_at: `${ago(2)} 10:00:00.000Z` })
await api('POST', '/api/collections/change_reports/records', adas, { patient: ada, reason: 'work_change', happened_on: ago(20) })

// --- the link
const question = 'Would you look at the preventive again?'
const context = await desk(scratch(), faults)
const board = await context.newPage()
await board.goto(`${url}/therapist/`)
await signIn(board, THERAPIST)
await board.getByRole('link', { name: 'Ada K.' }).click()
await board.getByText('Report for the neurologist').click()
await board.getByLabel('For whom').fill('Dr Lee')
await board.getByLabel('What you ask', { exact: true }).fill(question)
await board.getByRole('button', { name: 'Make a link' }).click()
const made = await board.getByRole('link', { name: '/report/#' }).getAttribute('href')
const [stored] = (await api('GET', `/api/collections/report_shares/records?filter=(patient="${ada}")`, amira)).items
const share = { id: stored.id, token: made.split('#')[1], url: made.slice(url.length) }
check('a therapist makes the link on her page', stored.recipient === 'Dr Lee' && share.token.startsWith(stored.id) && !JSON.stringify(stored).includes(share.token.slice(15)))
const requests = []
context.on('request', request => requests.push(request.url()))
const page = await context.newPage()
await page.goto(url + share.url)
await page.getByRole('heading', { name: 'Your answer' }).waitFor()
await holds('the page opens with the token behind the #', () => page.getByText('Ada K.').first().isVisible())
check('no address that was asked for has the token in it', requests.length > 2 && requests.every(r => !r.split('#')[0].includes(share.token)))
const facts = await page.getByRole('listitem').evaluateAll(items => items.slice(0, 5).map(i => i.querySelector('strong')?.textContent))
check('five facts come first', facts.join(' ') === 'Headache days in 28. Acute medicine days. Treatment given. What has changed. Question to you.', facts.join(' '))
if (SHOTS) await page.screenshot({ path: `${SHOTS}/report.png`, fullPage: true })

const screen = deskBars(page, SHOTS, 1440)
await screen('report')
await page.emulateMedia({ media: 'print' })
const tint = colours(await page.screenshot({ fullPage: true }))
check('B-16 report: the sheet is grey already, so a grey print loses nothing', tint === 0, `${tint} coloured pixels`)
const unfit = await violations(page)
check('B-08 axe: report, print', !unfit.length, unfit.join('; '))
await holds('no control is printed', async () => !(await page.getByRole('button').or(page.getByRole('textbox')).first().isVisible()))
await holds('white ground', async () => (await page.evaluate(() => getComputedStyle(document.body).backgroundColor)) === 'rgb(255, 255, 255)')
await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
await holds('white ground where the screen is dark', async () => (await page.evaluate(() => getComputedStyle(document.body).backgroundColor)) === 'rgb(255, 255, 255)')
await page.emulateMedia({ media: null, colorScheme: 'light' })

/** The sheet as a picture, at the width of A4 between its margins. */
async function sheet() {
  await page.emulateMedia({ media: 'print' })
  await page.setViewportSize({ width: 711, height: 1054 })
  await page.screenshot({ path: `${SHOTS}/report-sheet.png`, fullPage: true })
  await page.emulateMedia({ media: null })
  await page.setViewportSize({ width: 1440, height: 900 })
}

// --- paper: the text of the PDF is the text of the API
const flat = text => text.replaceAll('ﬀ', 'ff').replaceAll('ﬁ', 'fi').replaceAll('ﬂ', 'fl').replace(/\s+/g, '')
const known = await api('GET', `/api/patients/${ada}/report`, adas)
const numbers = m => (m.value === null ? '' : `${Math.round(m.value * 10) / 10}`) // as a reader would write it
for (const format of ['A4', 'Letter']) {
  const pdf = await page.pdf({ format })
  if (SHOTS) writeFileSync(`${SHOTS}/report-${format}.pdf`, pdf)
  const printed = pages(pdf)
  if (SHOTS && format === 'A4') await sheet()
  check(`B-15 one ${format} page, its text is text`, printed.length === 1 && printed[0].length > 2000, `${printed.length} pages, ${printed[0].length} letters`)
  const text = flat(printed.join(''))
  check(`nothing to fill in is on the ${format} page`, !text.includes(flat('Your answer')))
  const said = [...known.facts.map(f => f.text), ...known.sections.flatMap(s => s.lines), ...known.footer]
  const absent = said.filter(line => !text.includes(flat(line)))
  check(`every sentence of the API is on the ${format} page`, said.length > 12 && !absent.length, absent.join(' | '))
  const rows = known.table.filter(row => !text.includes(flat(`${row.label}${numbers(row.before)}${row.before.estimated ? 'est.' : ''}${row.before.days}d${numbers(row.now)}${row.now.estimated ? 'est.' : ''}${row.now.days}d`)))
  check(`every number of the table is on the ${format} page`, known.table.length === 8 && !rows.length, rows.map(r => r.code).join())
  if (format === 'A4') check('T-MED stands beside the medicines on paper', text.split(flat(known.facts[1].advice)).length === 3)
}

// --- the answer
await page.getByLabel('I want to see the patient').check()
await page.getByRole('textbox', { name: 'In words' }).fill('In the next two weeks, please.')
await page.getByLabel('Your name').fill('Dr Lee')
await page.getByRole('button', { name: 'Send' }).click()
await page.getByText('Sent. The therapist has it').waitFor()
await screen('report, answered')
const mine = `?filter=(patient="${ada}")`
const tasks = await api('GET', `/api/collections/tasks/records${mine.slice(0, -1)}%26%26code="REPORT_REPLY")`, amira)
const replies = await api('GET', `/api/collections/report_replies/records${mine}`, amira)
check('the answer is a task for the therapist', tasks.items.length === 1 && tasks.items[0].state === 'open' && replies.items[0].text === 'In the next two weeks, please.')
await board.reload()
await board.getByText('Report for the neurologist').click()
await board.getByText('Wants to see the patient').waitFor()
await screen('report, the therapist’s side', board)
await board.getByRole('button', { name: 'Seen to' }).click()
await board.getByText('seen to', { exact: true }).waitFor()
const settled = await api('GET', `/api/collections/tasks/records${mine.slice(0, -1)}%26%26code="REPORT_REPLY")`, amira)
check('seen to, and the task is done', settled.items[0].state === 'done')
await page.reload()
await page.getByText('Answered by this link').waitFor()
await holds('it is shown where it was given', () => page.getByText('“In the next two weeks, please.”').isVisible())
const [{ opened_count }] = (await api('GET', '/api/collections/report_shares/records', adas)).items
const { items: audit } = await api('GET', '/api/collections/audit_events/records?perPage=200&filter=(capacity="link")', adas)
check('the patient sees that it was opened, and when', opened_count === 2 && audit.filter(e => e.action === 'open').length === 2)

// --- it runs out, and is tried again
const short = await api('POST', `/api/patients/${ada}/report/shares`, amira, { days: 1 })
await page.goto(url + short.url)
await page.reload()
await page.getByRole('heading', { name: 'Your answer' }).waitFor()
const { token: root } = await api('POST', '/api/collections/_superusers/auth-with-password', '', { identity: 'root@demo.interictal.test', password: PASSWORD })
const clock = now => api('POST', '/api/dev/clock', root, { now: now.toISOString() })
await clock(new Date(Date.now() + 25 * 3600_000))
await page.getByLabel('I agree').check()
await page.getByRole('button', { name: 'Send' }).click()
await page.getByText('This link opens nothing').waitFor()
await page.reload()
await page.getByRole('heading', { name: 'This page cannot be shown' }).waitFor()
await holds('after a day the link of a day opens nothing', async () => !(await page.locator('body').innerText()).includes('Ada'))
await page.goto(url + share.url)
await page.reload()
await page.getByText('Answered by this link').waitFor()
check('and the link of thirty days still does', true)

// --- taken back, and tried again; then one that never was
await page.getByRole('textbox', { name: 'In words' }).fill('These words were not sent yet.')
await api('POST', `/api/shares/${share.id}/revoke`, adas) // by the patient
await page.getByLabel('Only in words').check()
await page.getByRole('button', { name: 'Send' }).click()
await page.getByText('This link opens nothing').waitFor()
await holds('what was typed stays when it cannot be sent', async () => (await page.getByRole('textbox', { name: 'In words' }).inputValue()) === 'These words were not sent yet.')
await page.reload()
await page.getByRole('heading', { name: 'This page cannot be shown' }).waitFor()
const shut = await page.getByRole('alert').innerText()
await screen('report, shut')
await holds('nothing of the patient is left on the page', async () => !(await page.locator('body').innerText()).includes('Ada'))
await page.goto(`${url}/report/#${'x'.repeat(58)}`)
await page.reload()
await page.getByRole('heading', { name: 'This page cannot be shown' }).waitFor()
await holds('a link that never was gets the same answer', async () => (await page.getByRole('alert').innerText()) === shut)

// --- three people around one patient: the neurologist signs in, is asked, answers, sends back, and everybody sees what was read
await api('POST', '/api/collections/care_links/records', amira, { patient: ada, member: 'lee000000000000', role: 'neurologist', from: new Date().toISOString() })
const open = async (screen, path, email, ready) => {
  await screen.goto(url + path)
  await signIn(screen, email)
  await ready(screen).waitFor()
}
const room = async (email, path, ready) => {
  const own = await desk(scratch(), faults)
  const screen = await own.newPage()
  await open(screen, path, email, ready)
  return screen
}
await board.reload()
await board.getByText('Referrals', { exact: true }).click()
await board.getByLabel('Refer to the neurologist for').selectOption('migraine')
await board.getByLabel('What you ask the neurologist').fill('Is another preventive an option?')
await board.getByRole('button', { name: 'Refer', exact: true }).click()
await board.getByText('not read yet').waitFor()
const told = () => api('GET', `/api/collections/flags/records${mine.slice(0, -1)}%26%26code="F_TELL_PRESCRIBER"%26%26state="standing")`, amira)
check('once a neurologist was written to, nobody is asked to tell the prescriber', (await told()).items.length === 0)
const lee = await room('lee@demo.interictal.test', '/report/#account', s => s.getByRole('heading', { name: 'Your patients' }))
await holds('one referral waits in his list', async () => (await lee.getByRole('row', { name: /Ada K/ }).innerText()).includes('\t1\t'))
await lee.getByRole('link', { name: 'Ada K.' }).click()
await lee.getByText('waits for your answer').waitFor()
await board.reload()
await board.getByText('Referrals', { exact: true }).click()
await holds('the therapist sees that he has read it', () => board.getByText('read by the neurologist').isVisible())
await lee.getByLabel('Advice only').check()
const wide = lee.getByRole('region', { name: 'Referrals' })
await wide.getByLabel('In words').fill('Yes: candesartan, begun low.')
await wide.getByRole('button', { name: 'Answer' }).click()
await wide.getByText('your answer is not read yet').waitFor()
await screen('neurologist’s account, referrals', lee)
const waiting = code => api('GET', `/api/collections/tasks/records${mine.slice(0, -1)}%26%26code="${code}"%26%26state="open")`, amira)
await holds('his answer is on the worklist', async () => (await waiting('REFERRAL_ANSWER')).items.length === 1)
await board.reload()
await board.getByText('Referrals, 1 new').click()
await holds('and read there', () => board.getByText('“Yes: candesartan, begun low.”').isVisible())
await holds('read, it is off the list', async () => (await waiting('REFERRAL_ANSWER')).items.length === 0)
await screen('report, the therapist’s referrals', board)
await wide.getByText('Refer to the therapist').click()
await wide.getByLabel('Reason').selectOption('neck_pain_with_migraine')
await wide.getByLabel('What you ask').fill('Please look at the neck once more.')
await wide.getByRole('button', { name: 'Refer', exact: true }).click()
await holds('what he sends is a task', async () => (await waiting('REFERRAL')).items.length === 1)
await board.reload()
await board.getByText('Referrals, 1 new').click()
await board.getByRole('button', { name: 'Answer', exact: true }).click()
await holds('accepted, it is done', async () => (await waiting('REFERRAL')).items.length === 0)
await lee.reload()
await holds('and he reads that', () => lee.getByText(/Amira.* accepts/).isVisible())

// her own phone has all of it in plain words, and what came on paper; and as it was last told, with no signal
await api('POST', '/api/collections/referrals/records', amira, { patient: ada, episode: 'first', referrer: 'Dr Osei', reason: 'tension_type_headache', dated_on: ago(90) })
const own = await phone(scratch(), faults)
const hers = await own.newPage()
await open(hers, '/app/', ADA, s => s.getByText('Up to date'))
await hers.evaluate(() => navigator.serviceWorker.ready)
await hers.goto(`${url}/app/#more`)
await hers.getByRole('link', { name: 'Letters about me' }).click()
const letter = words => hers.getByRole('listitem').filter({ hasText: words })
const fromTherapist = letter('Is another preventive an option?')
await fromTherapist.waitFor()
const says = async (item, ...all) => (text => all.every(w => (w instanceof RegExp ? w.test(text) : text.includes(w))))(await item.innerText())
await holds('her phone: her therapist’s letter, read, answered, and the answer read', () => says(fromTherapist, /^Amira.* wrote to your neurologist/, 'Migraine', /Read by your neurologist on \d/, /Dr Lee.* gives advice\./, 'Yes: candesartan, begun low.', /The answer was read on \d/))
await holds('and her neurologist’s, accepted', () => says(letter('Please look at the neck once more.'), /^Dr Lee.* wrote to your therapist/, 'Neck pain with migraine', /Read by your therapist on \d/, /Amira.* says yes\./))
await holds('and one that came on paper', () => says(letter('Dr Osei'), 'Dr Osei wrote to your clinic', 'Tension headache', 'This one came on paper.'))
await holds('there is nothing to write', async () => (await hers.getByRole('textbox').count()) === 0)
const herScreen = bars(() => hers, SHOTS)
await herScreen('letters')
await own.setOffline(true)
await hers.reload()
await hers.getByText('They can be fetched when you are online.').waitFor()
await holds('with no signal: as her clinic had them, with the date', async () => (await hers.getByText('As your clinic had them on').isVisible()) && (await hers.locator('main ol > li').count()) === 3)
await herScreen('letters, offline')
await own.setOffline(false)
await hers.getByRole('button', { name: 'Try again' }).click()
await holds('and anew', async () => !(await hers.getByText('They can be fetched').count()))
await own.close()

// messages: each reader is named to the writer
const phone_ = await room(ADA, '/app/', s => s.getByRole('button', { name: 'Attack now' }).or(s.getByRole('link', { name: 'Today' })).first())
await phone_.goto(`${url}/app/#messages`)
await phone_.getByLabel('Your message').fill('May I fly with the new tablets?')
await phone_.getByRole('button', { name: 'Send' }).click()
const said = async words => (await api('GET', `/api/collections/care_messages/records${mine}`, amira)).items.find(m => m.body === words)
await holds('her message is on the server', async () => !!(await said('May I fly with the new tablets?')))
await lee.reload()
await lee.getByText('May I fly with the new tablets?').waitFor()
await lee.getByLabel('Message to patient and therapist').fill('Yes, take water along.')
await lee.getByRole('button', { name: 'Send' }).last().click()
await holds('he has read hers, the therapist has not', async () => !!(await said('May I fly with the new tablets?')).read_by_neurologist && !(await said('May I fly with the new tablets?')).read_by_therapist)
await board.getByRole('tab', { name: 'Messages' }).click()
await board.getByText('Yes, take water along.').waitFor()
await holds('the therapist reads both', async () => !!(await said('Yes, take water along.')).read_by_therapist && !!(await said('May I fly with the new tablets?')).read_by_therapist)
await phone_.getByText('Yes, take water along.').waitFor()
await holds('and her phone says who has read what', () => phone_.getByText(/Read by your neurologist/).first().isVisible())
await holds('his side says so too', async () => (await lee.reload(), await lee.getByText('(read by the therapist)').isVisible({ timeout: 2000 }).catch(() => false) || (await lee.getByText('(read by the therapist)').waitFor({ timeout: 3000 }), true)))
await Promise.all([lee, phone_].map(s => s.context().close()))

check('B-17 nothing from elsewhere, nothing blocked by the policy, no page error', !faults.length, `${faults.length} ${faults.join('; ')}`)
await context.close()
await stop()
finish()

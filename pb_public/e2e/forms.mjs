// What a patient fills in and reads beside the diary, most of it with the server really stopped: question forms, her own goals, the
// checklist of readiness, progress in five pictures, texts, messages. Every screen is held to the bars of spec/screens.md §7.
import { mkdirSync } from 'node:fs'
import { ADA, PASSWORD, THERAPIST, check, demo, finish, pause, phone, scratch, server, signIn, since } from './lib.mjs'
import { bars, walk, worst } from './bars.mjs'

const SHOTS = process.env.SHOTS
if (SHOTS) mkdirSync(SHOTS, { recursive: true })
const faults = []
const { url, start, stop } = await server(demo())
const api = async (path, token, body, method = body ? 'POST' : 'GET') => {
  const answer = await fetch(url + path, { method, headers: { 'content-type': 'application/json', authorization: token }, body: body && JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${path} ${answer.status} ${await answer.text()}`)
  return answer.status === 204 ? null : answer.json()
}
const amira = (await api('/api/collections/users/auth-with-password', '', { identity: THERAPIST, password: PASSWORD })).token

const profile = scratch()
let hand = await phone(profile, faults)
let page = await hand.newPage()
let screen = await bars(hand, () => page, SHOTS)
await page.goto(`${url}/app/`)
await signIn(page, ADA)
await page.getByText('Up to date').waitFor()
await page.evaluate(() => navigator.serviceWorker.ready)
const { patient } = await page.evaluate(() => JSON.parse(localStorage.getItem('interictal-auth-app')).record)
const rows = (collection, more = '') => api(`/api/collections/${collection}/records?perPage=500&filter=${encodeURIComponent(`patient="${patient}"${more}`)}`, amira).then(a => a.items)
const sent = async (what, ok) => {
  for (let i = 0; i < 100; i++) {
    if (await ok().catch(() => false)) return check(what, true)
    await pause(100)
  }
  check(what, false)
}

const button = (name, options = {}) => page.getByRole('button', { name, exact: true, ...options })
const heading = name => page.getByRole('heading', { name })
const said = words => page.getByRole('status').filter({ hasText: words }).first().waitFor({ state: 'attached' })
const open = async hash => {
  await page.goto(`${url}/app/#${hash}`)
  await page.getByRole('heading', { level: 1 }).waitFor()
}
/** The undo line has gone: a picture shows the page. */
const quiet = async () => {
  await pause(300)
  await page.getByRole('button', { name: 'Undo' }).waitFor({ state: 'detached', timeout: 12_000 })
}
const offline = async () => (await stop(), await hand.setOffline(true))
const online = async () => (await start(), await hand.setOffline(false))
const upToDate = () => open('today').then(() => page.getByText('Up to date').waitFor())

// --- where her user looks: a quiet line on Today, and More
await page.getByTestId('recent').waitFor()
await page.getByRole('link', { name: /^\d+ forms to fill in$/ }).waitFor()
check('Today has one quiet line for messages and one for forms', await page.getByRole('link', { name: '1 new message' }).isVisible())
await open('forms')
await heading('To fill in').waitFor()
await screen('forms')
const asked = await page.locator('main ul a').allInnerTexts()
check('what is due is asked, what was answered is not', asked.some(t => /Mood and worry/.test(t)) && asked.some(t => /How you are since the start/.test(t)) && !asked.some(t => /^Days that headache took/.test(t)), asked.join(' | ').replace(/\s+/g, ' '))

// --- a form with the server dead: begun, put down, the browser started anew, resumed
await offline()
await page.getByRole('link', { name: /Mood and worry/ }).click()
await heading('Feeling nervous, anxious or on edge').waitFor()
await screen('form, a question')
let t = performance.now()
await button('nearly every day').click()
await heading('Not being able to stop or control worrying').waitFor()
check('one tap: kept, and the next question is there', true, since(t))
await button('nearly every day').click()
await heading('Little interest or pleasure in doing things').waitFor()
await hand.close()
hand = await phone(profile, faults)
await hand.setOffline(true)
page = await hand.newPage()
screen = await bars(hand, () => page, SHOTS)
await open('forms')
await page.getByText('2 of 4 answered').waitFor()
await page.getByRole('link', { name: /Mood and worry/ }).click()
await heading('Little interest or pleasure in doing things').waitFor()
check('put down, the app closed and opened, offline: it goes on at the third question', true)
await button('nearly every day').click()
await heading('Feeling down, depressed, or hopeless').waitFor()
await button('Undo').click()
await button('Back').click()
check('undo takes the tap back', (await page.locator('[aria-pressed=true]').count()) === 0)
await button('nearly every day').click()
await heading('Feeling down, depressed, or hopeless').waitFor()
await button('not at all').click()
await heading('This sounds hard').waitFor()
check('at 9 or more somebody to call is named, with no network', (await page.getByRole('link', { name: 'Call 988' }).getAttribute('href')) === 'tel:988' && (await page.getByText('nobody watches it at night').isVisible()))
await quiet()
await screen('form, hard answers')
await button('Hand in').click()
await page.getByText(/^Handed in on/).waitFor()
await page.getByRole('link', { name: 'To the forms' }).click()
await heading('Handed in').waitFor()
check('it is done', !(await page.getByRole('link', { name: /Mood and worry/ }).count()))

// --- a form whose words belong to somebody: the paper, answer by answer, or its total
await page.getByRole('link', { name: /When touch hurts/ }).click()
await heading('What do you have?').waitFor()
await screen('form, on paper')
await button('Only the total').click()
await page.getByLabel('What is the total on the paper?').fill('25')
await button('Next').click()
await page.getByText('It needs a number from 0 to 24.').waitFor()
await screen('form, a total refused')
await page.getByLabel('What is the total on the paper?').fill('7')
await button('Next').click()
await button('Hand in').click()
await page.getByText(/^Handed in on/).waitFor()
await open('forms')
await page.getByRole('link', { name: /What your neck lets you do/ }).click()
await button('The paper, with my answers').click()
await heading('Look at question 1 on the paper. What did you answer?').waitFor()
await button('3').click()
await button('I’d rather not say').click()
await heading('Look at question 3 on the paper. What did you answer?').waitFor()
check('an open answer is left open', true)
await open('forms')
await page.getByRole('link', { name: /How you are since the start/ }).click()
await button('Better').click()
await screen('form, how much better')
await button('5').click()
await heading('That is all').waitFor()
await quiet()
await screen('form, the end')
await button('Hand in').click()
await page.getByText(/^Handed in on/).waitFor()

// --- goals in her own words: the same things once more
await open('goals')
await heading('My things').waitFor()
await screen('goals')
await button('Say how well it goes now').click()
for (const [words, n] of [['Read for an hour', 6], ['Drive to work', 7], ['Play with my girl', 8]]) {
  await heading(`How well can you do it today? “${words}”`).waitFor()
  if (n === 6) await screen('goals, a rating')
  await button(String(n)).click()
}
await button('Hand in').waitFor()
await button('Add another').click()
await page.getByLabel('What is hard for you now?').fill('Carry the shopping up')
await screen('goals, new words')
await button('Keep it').click()
await heading(/Carry the shopping up/).waitFor()
await button('2').click()
await quiet()
await screen('goals, before they are handed in')
await button('Hand in').click()
await page.getByText('3 of 10 at first, 6 on').waitFor()

// --- what I can do on my own
await open('ready')
await heading('I know the early signs of my attacks.').waitFor()
await screen('ready')
for (const answer of ['Yes', 'Yes', 'Partly', 'Yes', 'Not yet', 'Yes', 'Yes', 'Yes']) await button(answer).click(), await pause(50)
await page.getByText('All eight are answered.').waitFor()
await quiet()
await screen('ready, all eight')
check('a no waits for its way', await page.getByText('You and your therapist find a way for this one.').isVisible())

// --- texts, with no network: opened, and said back
await open('learn')
await page.getByRole('link', { name: /Sleep at regular times/ }).waitFor()
await screen('learn')
await page.getByRole('link', { name: /Sleep at regular times/ }).click()
await heading('Sleep at regular times').waitFor()
check('a text shows who wrote it, from what, and when it was checked', (await page.getByText(/^By .* From: SEEDS/).isVisible()) && (await page.getByText(/Last checked/).isVisible()))
await page.getByRole('textbox').fill('Up at seven, on Sunday too.')
await screen('learn, a text')
await button('Keep my words').click()
await said('Your words are kept.')
await open('learn')
await page.getByText(/In your words/).waitFor()

// --- messages, with no network
await open('messages')
await page.getByText('A light pull is fine.').waitFor()
check('who wrote has a name', await page.getByText(/^New · Amira N\., PT, your therapist/).isVisible())
await page.getByLabel('Your message').fill('It lasted ten minutes. Thank you.')
await button('Send').click()
await page.getByText('Not sent yet').waitFor()
await quiet()
await screen('messages')

// --- back online: everything is there once
t = performance.now()
await online()
await upToDate()
check('back online: sent without a tap', true, since(t))
const forms = (await rows('instrument_responses', ' && source="phone"')).filter(r => r.source === 'phone')
const of = (instrument, list = forms) => list.filter(r => r.instrument === instrument)
check('each form is one row, with what was tapped', of('phq4').length === 1 && JSON.stringify(of('phq4')[0].answers) === '{"q1":3,"q2":3,"q3":3,"q4":0}' && of('asc12')[0].totals.total === 7 && of('groc')[0].answers.q1 === 5 && of('ndi')[0].answered_at === '' && of('ndi')[0].answers.q2 === null,
  forms.map(f => `${f.instrument} ${f.occasion}`).join())
const words = of('psfs')[0]
check('her own words reach the therapist', words.words.a4 === 'Carry the shopping up' && words.answers.a1 === 6 && words.occasion === 'review')
const outcomes = await api(`/api/patients/${patient}/outcomes`, amira)
check('and stand among the things the plan is built on', outcomes.impact.activities.some(a => a.words === 'Carry the shopping up') && outcomes.due.find(d => d.instrument === 'psfs' && d.occasion === 'review').state === 'done')
const ready = await rows('readiness_answers')
check('eight answers, once each', ready.length === 8 && ready.find(r => r.statement === 'triggers').answer === 'no')
const texts = await rows('education_assignments')
check('the therapist reads what she said back', texts.some(x => x.said_back === 'Up at seven, on Sunday too.' && x.opened_at))
const messages = await rows('care_messages')
check('the message is there, and hers are read', messages.some(m => m.body.startsWith('It lasted') && m.author_role === 'patient') && messages.every(m => m.author_role !== 'therapist' || m.read_by_patient))

// --- what the clinic does arrives
await api(`/api/collections/readiness_answers/records/${ready.find(r => r.answer === 'no').id}`, amira, { action: 'We go through the diary together.' }, 'PATCH')
await api(`/api/collections/care_messages/records/${messages.find(m => m.body.startsWith('It lasted')).id}`, amira, { read_by_therapist: new Date().toISOString() }, 'PATCH')
await open('ready')
await page.getByText('What we do about it: We go through the diary together.').waitFor()
await open('messages')
await page.getByText(/^Read by your therapist/).waitFor()
check('what the therapist wrote and read is on the phone', true)

// --- two devices without a network begin one form: it is one
const second = await phone(scratch(), faults)
const tablet = await second.newPage()
await tablet.goto(`${url}/app/`)
await signIn(tablet, ADA)
await tablet.getByText('Up to date').waitFor()
await tablet.evaluate(() => navigator.serviceWorker.ready)
await offline()
await second.setOffline(true)
for (const [device, answers] of [[page, ['2', '1']], [tablet, ['2', '3']]]) {
  await device.goto(`${url}/app/#form=isi.start.0`)
  await device.getByRole('button', { name: 'The paper, with my answers' }).click()
  if (device === tablet) await device.getByRole('button', { name: 'I’d rather not say' }).click()
  for (const n of device === tablet ? answers.slice(1) : answers) {
    await device.getByRole('button', { name: n, exact: true }).click()
    await pause(150)
  }
}
await second.setOffline(false)
await online()
await sent('two devices began one form offline: one row', async () => of('isi', await rows('instrument_responses')).length === 1)
await second.close()

// --- progress: the sentence, the pictures, their tables; offline from the phone's own rows
await open('progress')
await page.getByTestId('sentence').waitFor()
await page.getByRole('img', { name: /Headache days each week/ }).waitFor()
const sentence = await page.getByTestId('sentence').innerText()
check('one sentence comes first', /headache days\. In the 4 weeks before your plan: \d+\./.test(sentence), sentence)
check('five pictures, each with the days it rests on', (await page.getByRole('img', { name: /each week/ }).count()) === 4 && (await page.getByText(/Well held|Partly held|Not held yet|None at all/).count()) >= 2 && (await page.getByText(/weeks have 5 noted days/).count()) === 3)
await page.locator('summary', { hasText: 'As a table' }).first().click()
check('a table is one tap away', (await page.locator('details[open] tbody tr').count()) >= 8)
await screen('progress')
await page.getByRole('link', { name: 'What it takes from my life' }).click()
await page.getByText('4 days in 3 months', { exact: false }).first().waitFor()
await screen('impact')
await open('neck')
await page.getByTestId('windows').waitFor()
check('neck and headache side by side, and no claim', await page.getByText('Moves together is not proof.').isVisible())
await screen('neck')
await offline()
await open('progress')
await page.reload()
await page.getByText('It can be asked when you are online.').waitFor()
check('offline: the sentence as it was told, with its day; the pictures from the phone', (await page.getByTestId('sentence').innerText()) === sentence && (await page.getByText('As your clinic had it on').isVisible()) && (await page.getByRole('img', { name: /Headache days each week/ }).isVisible()))
await screen('progress, offline')
await open('impact')
await page.getByText('4 days in 3 months', { exact: false }).first().waitFor()
check('what it takes is there offline', true)

// --- keyboard, on the longest pages
for (const hash of ['form=csi.start.0', 'goals', 'messages', 'progress']) {
  await open(hash)
  if (hash.startsWith('form')) await button('The paper, with my answers').click()
  const { stops, unseen } = await walk(page)
  check(`B-09 keyboard: focus is seen on #${hash}`, !unseen.length, unseen.join('; ') || `${stops} stops`)
}
await online()

// --- not shared: said, not hidden
const consent = (await rows('consents')).find(c => c.family === 'messages')
await upToDate()
await open('consents')
await page.getByRole('group').first().waitFor({ timeout: 2000 }).catch(() => {})
const own = await page.evaluate(() => JSON.parse(localStorage.getItem('interictal-auth-app')).token)
await api(`/api/collections/consents/records/${consent.id}`, own, { state: 'withdrawn' }, 'PATCH')
await open('messages')
await page.getByText('You do not share messages now').waitFor()
await screen('messages, not shared')

check('no page error, no policy violation, nothing asked elsewhere', !faults.length, faults.join('; '))
console.log(`     worst: glare ${(worst.mean * 100).toFixed(1)} %, peak ${(worst.peak * 100).toFixed(0)} %, stripes ${worst.stripes.toFixed(3)}`)
await hand.close()
await stop()
finish()

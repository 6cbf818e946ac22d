// A phone in Spanish: from the first paint, without a server, and whatever was chosen stays chosen.
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { wordBars } from './bars.mjs'
import { ADA, PASSWORD, THERAPIST, browser, check, demo, finish, holds, pause, refuses, scratch, server } from './lib.mjs'

const SHOTS = process.env.SHOTS
for (const who of ['ada', 'dana', 'noa', 'sam']) if (SHOTS) mkdirSync(join(SHOTS, who), { recursive: true })

const faults = []
const { url, start, stop } = await server(demo())
const ada = await browser(scratch(), { viewport: { width: 390, height: 844 }, hasTouch: true, locale: 'es-MX' }, faults)
const page = await ada.newPage()
const button = name => page.getByRole('button', { name, exact: true })

// --- what her clinic has for her to read, in her language: a new text, and letters between those who treat her
async function post(path, token, body) {
  const answer = await fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json', authorization: token }, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${path} ${answer.status} ${await answer.text()}`)
  return answer.json()
}
const amira = (await post('/api/collections/users/auth-with-password', '', { identity: THERAPIST, password: PASSWORD })).token
await post('/api/collections/consent_texts/records', amira, { clinic: 'demo00000000000', version: '2027-01', body: 'Usamos lo que compartes para tratarte, y para nada más.' })
for (const referral of [{ toward: 'neurologist', reason: 'migraine', question: '¿Hay otra opción para prevenir?' }, { episode: 'first', referrer: 'Dr Osei', reason: 'tmd', dated_on: '2026-01-09' }]) {
  if (referral.toward) await post('/api/collections/care_links/records', amira, { patient: 'ada000000000000', member: 'lee000000000000', role: 'neurologist', from: new Date().toISOString() })
  await post('/api/collections/referrals/records', amira, { patient: 'ada000000000000', ...referral })
}

await page.goto(`${url}/app/`)
await page.getByLabel('Correo').fill(ADA)
await page.getByLabel('Contraseña').fill(PASSWORD)
await button('Entrar').click()
await page.getByText('Al día').waitFor()
await holds('it opens in the language of the phone', async () => (await page.evaluate(() => document.documentElement.lang)) === 'es')
await page.evaluate(() => navigator.serviceWorker.ready)

await stop()
await ada.setOffline(true)
await page.reload()
await button('Ataque ahora').click()
await button('Ya pasó').waitFor()
await holds('offline: an attack is noted in Spanish', () => page.getByText('Ataque anotado.').first().isVisible())
await page.getByText(/^(lunes|martes|miércoles|jueves|viernes|sábado|domingo), \d+ de/).first().or(page.getByText(/Empezó: \d/).first()).waitFor()

// --- every page that there is, and every page that it links to: none has English left, and each keeps the bars
const OWN = /^[[«]|weekend|Mobilization|tablet|cold pack|Call the clinic|five days a week|A light pull|chin nods|Write here whatever|^Developed by Drs|The Interictal project/ // what the person and the clinic wrote in the demo stays as it is, and so do forms that belong to somebody
const ENGLISH = /\b(the|and|your|you|with|is|are|not|this|noted|day|days|pain|of|to|for|was|have|what|how|when|yes|since|today)\b/i
const areas = [...readFileSync(join(import.meta.dirname, '../src/app/areas.ts'), 'utf8').matchAll(/^ {2}([a-z]+): \(\) =>/gm)].map(m => m[1])
const CORE = ['today', 'diary', 'exercises', 'more', 'check', 'changed', 'plan', 'card', 'needs', 'settings', 'readers', 'consents', 'export']
const EACH = 2 // of pages that differ only in what they are about

async function englishOn(page) {
  const said = await page.evaluate(() => [...document.querySelectorAll('main *, nav *')].flatMap(e => [...[...e.childNodes].filter(n => n.nodeType === 3).map(n => n.textContent.trim()), e.getAttribute('aria-label') ?? '', e.getAttribute('placeholder') ?? '']).filter(Boolean))
  return [...new Set(said)].filter(words => ENGLISH.test(words) && !OWN.test(words)).map(words => words.slice(0, 120))
}
async function crawl(page, held) {
  const [english, wrong, seen, count] = [[], [], new Set(), {}]
  const queue = [...CORE, ...areas]
  for (let name; (name = queue.shift()); ) {
    const kind = name.split('=')[0]
    if (seen.has(name) || (count[kind] ??= 0) >= EACH) continue
    seen.add(name)
    count[kind]++
    await page.goto(`${url}/app/#${name}`)
    await pause(150)
    await page.locator('main h1').waitFor()
    english.push(...(await englishOn(page)).map(words => `${name}: ${words}`))
    wrong.push(...(await held(name)).map(w => `${name}: ${w}`))
    queue.push(...(await page.evaluate(() => [...document.querySelectorAll('main a[href^="#"]')].map(a => a.getAttribute('href').slice(1)).filter(to => to && to !== 'join'))))
  }
  return { english, wrong, pages: seen.size, unseen: areas.filter(a => !seen.has(a)) }
}
async function whole(who, page, held) {
  const { english, wrong, pages, unseen } = await crawl(page, held ?? (async () => []))
  check(`${who}: no screen has English left in it`, !english.length && !unseen.length, english.length ? english.join(' | ') : `${pages} pages`)
  if (held) check(`${who}: B-08, B-10 to B-14 in Spanish: axe by day, glare, stripes, targets, stillness, 320 px and 200 % text`, !wrong.length, wrong.length ? wrong.join(' | ') : `${pages} pages`)
}
await start()
await ada.setOffline(false)
await page.goto(`${url}/app/#today`)
await page.getByText('Al día').waitFor()
// what her clinic did not take, too
await refuses(page, 'E_VALUE', 'Needs a number from 0 to 10, or none: neck_pain_nrs.', { field: 'neck_pain_nrs' })
await page.getByRole('group', { name: 'Dolor de cuello hoy' }).getByRole('button', { name: '4', exact: true }).click()
await page.getByText('1 sin aceptar').waitFor()
await page.unrouteAll({ behavior: 'ignoreErrors' })
await page.goto(`${url}/app/#needs`)
await holds('why it was not taken is said in Spanish, with the field’s name', () => page.getByText('Dolor de cuello, de 0 a 10: esta respuesta no cuadra. (E_VALUE)').isVisible())
await holds('and its day is a day in words', async () => /^Día \d+ [a-z]+/.test(await page.getByRole('listitem').getByRole('heading').first().innerText()))
await whole('ada', page, wordBars(() => page, SHOTS && join(SHOTS, 'ada')))
const dana = await browser(scratch(), { viewport: { width: 390, height: 844 }, hasTouch: true, locale: 'es-MX' }, faults)
const danas = await dana.newPage()
await danas.goto(`${url}/app/`)
await danas.getByLabel('Correo').fill('dana@demo.interictal.test')
await danas.getByLabel('Contraseña').fill(PASSWORD)
await danas.getByRole('button', { name: 'Entrar', exact: true }).click()
await danas.getByText('Al día').waitFor()
await danas.getByRole('link', { name: 'Tu clínica tiene un texto nuevo sobre lo que puede ver' }).waitFor()
await whole('dana', danas) // other rows on the same pages: her words alone are read
await dana.close()

// --- refused, and without a network: in her language too, and held to the same bars
const [strange, hers] = [[], wordBars(() => page, SHOTS && join(SHOTS, 'ada'))]
const stands = async name => strange.push(...(await englishOn(page)).map(w => `${name}: ${w}`), ...(await hers(name)).map(w => `${name}: ${w}`))
await refuses(page, 'E_READ_ONLY', 'You can read this here, not change it.')
await page.goto(`${url}/app/#messages`)
await page.getByLabel('Tu mensaje').fill('Una cosa más.')
await button('Enviar').click()
await page.getByText('Tu clínica no lo aceptó.').waitFor()
await stands('messages refused')
await page.getByRole('link', { name: 'Ver por qué' }).click()
await page.getByText('Puedes leerlo aquí, pero no cambiarlo. (E_READ_ONLY)').waitFor()
await stands('needs refused')
await page.unrouteAll({ behavior: 'ignoreErrors' })
await page.goto(`${url}/app/#carer`)
await page.getByLabel('¿Para quién es?').fill('  ')
await button('Hacer un enlace').click()
await page.getByRole('alert').filter({ hasText: /\S/ }).waitFor()
await stands('carer refused')
await ada.setOffline(true)
for (const name of ['carer', 'letters', 'readers', 'progress', 'reminders']) {
  await page.goto(`${url}/app/#${name}`)
  await page.locator('main h1').waitFor()
  await pause(300)
  await stands(`${name} offline`)
}
await ada.setOffline(false)
check('refused and offline: no English, and the same bars', !strange.length, strange.join(' | '))

// --- somebody new, with no plan and nothing noted: what every page says when there is nothing yet, and without a network
const made = await post('/api/collections/patients/records', amira, { clinic: 'demo00000000000', name: 'Noa R.', birth_date: '1990-02-03', timezone: 'UTC', active: true })
await post('/api/collections/care_links/records', amira, { patient: made.id, member: 'amira0000000000', role: 'therapist', from: new Date().toISOString() })
await post('/api/invitations/accept', '', { code: (await post('/api/invitations', amira, { patient: made.id })).code, email: 'noa@demo.interictal.test', password: PASSWORD, consents: ['diary', 'medication', 'exercise', 'questionnaires', 'messages'] })
const fresh = await browser(scratch(), { viewport: { width: 390, height: 844 }, hasTouch: true, locale: 'es-MX' }, faults)
const noas = await fresh.newPage()
await noas.goto(`${url}/app/`)
await noas.getByLabel('Correo').fill('noa@demo.interictal.test')
await noas.getByLabel('Contraseña').fill(PASSWORD)
await noas.getByRole('button', { name: 'Entrar', exact: true }).click()
await noas.getByText('Al día').waitFor()
await noas.evaluate(() => navigator.serviceWorker.ready)
await fresh.setOffline(true)
const [bare, nothing] = [wordBars(() => noas, SHOTS && join(SHOTS, 'noa')), []]
for (const name of ['checkin', 'triggers', 'triggers=choose', 'medicine', 'medicine=add', 'medicine=after', 'relax', 'cold', 'device', 'forms', 'form=phq4.start.0', 'goals', 'ready', 'progress', 'impact', 'neck']) {
  await noas.goto(`${url}/app/#${name}`)
  await noas.locator('main h1').waitFor()
  await pause(150)
  nothing.push(...(await englishOn(noas)).map(w => `${name}: ${w}`), ...(await bare(name)).map(w => `${name}: ${w}`))
  if ((await noas.locator('main').innerText()).length < 40) nothing.push(`${name}: says nothing`)
}
check('a new patient, offline: each empty page says so in Spanish, and keeps the same bars', !nothing.length, nothing.join(' | '))
await fresh.close()

// --- and who sits beside her: the caregiver's page, begun, in an attack, over
await page.goto(`${url}/app/#carer`)
await page.getByLabel('¿Para quién es?').fill('Sam')
await button('Hacer un enlace').click()
const link = await page.getByTestId('link').innerText()
const beside = await browser(scratch(), { viewport: { width: 390, height: 844 }, hasTouch: true, locale: 'es-MX' }, faults)
const sams = await beside.newPage()
const held = wordBars(() => sams, SHOTS && join(SHOTS, 'sam'))
const faulty = []
const state = async name => faulty.push(...(await englishOn(sams)).map(w => `${name}: ${w}`), ...(await held(name)).map(w => `${name}: ${w}`))
await sams.goto(link)
await sams.getByText('Eres Sam.').waitFor()
await state('begin')
const open = sams.getByRole('button', { name: 'Ataque ahora' })
const goesOn = sams.getByRole('button', { name: 'Ahora mismo' })
await open.or(goesOn).first().waitFor()
if (await open.isVisible()) await open.click()
await goesOn.waitFor()
await sams.getByRole('button', { name: '8', exact: true }).click()
await sams.getByRole('button', { name: 'Tiene náuseas' }).click()
await state('working')
await sams.getByText('Enviado', { exact: true }).waitFor({ timeout: 20_000 })
await sams.route('**/api/caregiver/entries', async route => {
  const { entries } = JSON.parse(route.request().postData())
  const view = await (await route.fetch({ postData: '{"entries":[]}' })).json()
  await route.fulfill({ json: { ...view, verdicts: entries.map(({ id }) => ({ id, verdict: 'refused', message: 'This attack is over.', data: { E_OVER: { code: 'E_OVER' } } })) } })
}, { times: 1 })
await sams.getByRole('button', { name: 'Duele el cuello' }).click()
await sams.getByRole('alert').filter({ hasText: 'No entró: Este ataque ya acabó.' }).waitFor({ timeout: 20_000 })
await state('refused')
await goesOn.click()
await sams.getByText('Se acabó, anotado.').waitFor()
await state('over')
await holds('the caregiver’s page in Spanish, and held to the same bars', async () => !faulty.length && (await sams.evaluate(() => document.documentElement.lang)) === 'es', faulty.join(' | '))
await beside.close()

await page.goto(`${url}/app/#settings`)
await button('English').click()
await page.getByRole('heading', { name: 'Settings and sync' }).waitFor()
await page.reload()
await page.getByRole('heading', { name: 'Settings and sync' }).waitFor()
await holds('another language is chosen offline, and stays', async () => (await page.evaluate(() => document.documentElement.lang)) === 'en')
await button('Español').click()
await page.getByRole('heading', { name: 'Ajustes y envío' }).waitFor()
check('and back', true)

check('no page error, no request elsewhere, no CSP violation', faults.length === 0, faults.join('; '))
await ada.close()
finish()

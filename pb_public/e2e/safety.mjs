// A check without a signal: the phone answers with the tap, the row waits, and the clinic has one alert once there is a network.
import { ADA, PASSWORD, THERAPIST, check, demo, finish, holds, pause, phone, scratch, server, signIn } from './lib.mjs'

const faults = []
const { url, start, stop } = await server(demo())
const api = async (path, token, body) => {
  const answer = await fetch(url + path, { method: body ? 'POST' : 'GET', headers: { 'content-type': 'application/json', authorization: token }, body: body && JSON.stringify(body) })
  return answer.json()
}
const therapist = async () => (await api('/api/collections/users/auth-with-password', '', { identity: THERAPIST, password: PASSWORD })).token

const ada = await phone(scratch(), faults)
const page = await ada.newPage()
await page.goto(`${url}/app/`)
await signIn(page, ADA)
await page.getByText('Up to date').waitFor()
await page.evaluate(() => navigator.serviceWorker.ready)
const patient = await page.evaluate(() => JSON.parse(localStorage.getItem('interictal-auth-app')).record.patient)

await stop()
await ada.setOffline(true)
await page.goto(`${url}/app/#check`)
await page.reload()
const own = page.getByRole('region', { name: 'Check your signs' })
await own.waitFor()
const say = (question, answer) => own.getByRole('group', { name: question }).getByRole('button', { name: answer, exact: true }).click()
const shown = own.getByRole('alert')
await holds('nothing is shown before an answer, and nothing is called safe', async () => (await shown.textContent()).trim() === '' && (await own.getByText('If in doubt, call.').isVisible()))
await say('Do you have a fever?', 'Yes')
await holds('fever alone says nothing', async () => (await shown.textContent()).trim() === '')
await say('Is your neck so stiff', 'Yes')
await shown.getByText('needs checking now').waitFor({ timeout: 1000 })
await holds('with no signal an emergency is answered with the tap', () => shown.getByRole('link', { name: '911' }).isVisible())
await say('Is your neck so stiff', 'No')
await shown.getByText('needs checking now').waitFor({ state: 'detached' })
await say('Is your neck so stiff', 'Yes')
const stopped = () => page.getByText('A sign you noted needs a check by a doctor first.')
await page.goto(`${url}/app/#exercises`)
await stopped().waitFor()
await holds('B-27 with no signal the phone stops exercises by its own check, and links to what to do', async () => !(await page.locator('main ul a').count()) && (await page.getByRole('link', { name: 'What to do now' }).isVisible()))
await page.reload()

await start()
await ada.setOffline(false)
await page.goto(`${url}/app/#today`)
const token = await therapist()
let safety
for (let i = 0; i < 60 && !safety?.alerts?.length; i++) {
  await pause(500)
  safety = await api(`/api/patients/${patient}/safety`, token)
}
check('the clinic has one alert, graded by the same table', safety.shown === 'emergency' && safety.alerts.filter(a => a.code === 'FEVER_STIFF_NECK').length === 1, JSON.stringify(safety.alerts?.map(a => `${a.code} ${a.level}`)))
check('an emergency stops exercises until a clinician has closed it', safety.effect.exercise === true)
await page.goto(`${url}/app/#exercises`)
await page.getByText('Up to date').waitFor()
await holds('the phone still shows none while the alert is open', () => stopped().isVisible())
const closed = []
for (const { id, level } of safety.alerts) if (level === 'emergency') closed.push(await api(`/api/alerts/${id}/close`, token, { disposition: 'seen_by_physician', note: 'Seen in the emergency department, no meningitis.', assessedOn: new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York' }).format() }))
await stopped().waitFor({ state: 'detached', timeout: 10_000 }).catch(() => {})
await holds('closed by a clinician, the exercises are back', async () => !(await stopped().count()) && (await page.locator('main ul a').count()) > 0, JSON.stringify(closed))
check('no page error, no policy violation, nothing asked elsewhere', faults.length === 0, faults.join('; '))
await ada.close()
await stop()
finish()

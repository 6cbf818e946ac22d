// What is left on the disk of a device that has to forget: the files of the browser's profile are searched for words that were
// written on it. First a patient who signs out; then a therapist's device on the native exchange, whose patient is taken from her.
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'vite'
import { ADA, PASSWORD, THERAPIST, check, demo, finish, pause, phone, scratch, server, signIn } from './lib.mjs'

const faults = []
const { url, stop } = await server(demo())
const api = async (method, path, token, body) => {
  const answer = await fetch(url + path, { method, headers: { 'content-type': 'application/json', authorization: token }, body: body && JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${path} ${answer.status} ${await answer.text()}`)
  return answer.json()
}
const login = identity => api('POST', '/api/collections/users/auth-with-password', '', { identity, password: PASSWORD })

/** The files under a folder that hold one of the texts, in any of the ways a browser stores a string. */
function filesWith(folder, texts) {
  const needles = texts.flatMap(t => [Buffer.from(t, 'latin1'), Buffer.from(t, 'utf16le')])
  return readdirSync(folder, { withFileTypes: true, recursive: true }).filter(f => f.isFile()).map(f => join(f.parentPath ?? f.path, f.name))
    .filter(path => {
      try {
        const bytes = readFileSync(path)
        return needles.some(n => bytes.includes(n))
      } catch {
        return false // the browser has just removed it
      }
    })
    .map(path => path.slice(folder.length + 1))
}
const gone = async (folder, texts) => {
  for (const end = Date.now() + 5_000; Date.now() < end && filesWith(folder, texts).length; ) await pause(100)
  return filesWith(folder, texts)
}
const unique = () => `Zq${crypto.randomUUID().replaceAll('-', '')}`

// --- a patient signs out: her words, sent and received, leave the disk
const profile = scratch()
let hand = await phone(profile, faults)
const { token: adas, record: ada } = await login(ADA)
const mine = unique()
const received = unique()
const row = { patient: ada.patient, started_at: new Date().toISOString(), note: received, end_known: 'unknown' }
await api('POST', '/api/collections/attacks/records', adas, row)
let page = await hand.newPage()
await page.goto(`${url}/app/`)
await signIn(page, ADA)
await page.getByText('Up to date').waitFor()
await page.getByRole('button', { name: 'Attack now', exact: true }).click()
await page.getByRole('button', { name: 'I took something' }).click()
await page.getByRole('button', { name: 'Something else' }).click()
await page.getByLabel('Name').fill(mine)
await page.getByRole('button', { name: 'Add and note a dose' }).click()
await page.getByText(`Did ${mine} help?`).or(page.getByText('Up to date')).first().waitFor()
await page.getByText('Up to date').waitFor()
check('her words are on the disk', filesWith(profile, [mine]).length > 0 && filesWith(profile, [received]).length > 0, filesWith(profile, [mine]).join())
await page.getByRole('link', { name: 'More' }).click()
await page.getByRole('link', { name: 'Settings and sync' }).click()
await page.getByRole('button', { name: 'Sign out and erase this phone' }).click()
await page.getByRole('button', { name: 'Yes, erase' }).click()
await page.getByLabel('Email').waitFor()
const left = await gone(profile, [mine, received])
check('after signing out no file of the browser holds them', !left.length, left.join())
await page.addInitScript(() => navigator.storageBuckets && (Object.getPrototypeOf(navigator.storageBuckets).delete = () => Promise.reject(new Error('not now'))))
await page.evaluate(() => localStorage.setItem('interictal-erase', 'interictal-somebody'))
await page.reload()
await page.getByLabel('Email').waitFor()
check('a browser that fails at erasing does not keep the app shut', true)
await hand.close()
check('nor when the browser is closed', !filesWith(profile, [mine, received]).length, filesWith(profile, [mine, received]).join())

// --- a therapist's device, made of the same store
const [{ output }] = [await build({
  configFile: false, logLevel: 'silent',
  resolve: { alias: { dexie: resolve(import.meta.dirname, '../node_modules/dexie/dist/modern/dexie.mjs') } },
  build: { write: false, lib: { entry: { device: resolve(import.meta.dirname, 'device.ts') }, formats: ['es'] }, rolldownOptions: { output: { codeSplitting: false } } },
})].flat()
const desk = scratch()
hand = await phone(desk, faults)
await hand.route('**/device.js', route => route.fulfill({ contentType: 'text/javascript', body: output[0].code }))
page = await hand.newPage()
const { token, record: amira } = await login(THERAPIST)
/** Runs in the page, with the therapist's store open. */
const device = (work, argument) =>
  page.evaluate(async ([name, token, source, argument]) => {
    const { openDevice } = await import('/device.js')
    window.device ??= await openDevice(name, token)
    return new Function('device', 'argument', `return (${source})(device, argument)`)(window.device, argument)
  }, [`interictal-${amira.id}`, token, work.toString(), argument]).catch(problem => { throw new Error(problem.message) })
await page.route('**/blank', route => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>device</title>' })) // no policy here: the test sends its own code
await page.goto(`${url}/blank`)

await device(device => device.exchange())
const others = await device((device, ada) => device.text().then(text => text.split(ada).length > 5 && text.includes('ben000000000000')), ada.patient)
check('her device holds Ada and Ben', others && filesWith(desk, [received]).length > 0)
const unsent = unique()
const refused = unique()
await device((device, [patient, unsent, refused]) => device.write('attacks', [
  { id: 'unsentofamira001', patient, started_at: '2026-01-05 10:00:00.000Z', note: unsent },
  { id: 'refusedofamira01', patient, started_at: '2026-01-05 10:00:00.000Z', note: refused, peak_nrs: 99 },
]), [ada.patient, unsent, refused])
await device(device => device.exchange())
await device((device, unsent) => device.write('attacks', [{ id: 'unsentofamira001', note: unsent + 'later' }]), unsent)

const { token: root } = await api('POST', '/api/collections/_superusers/auth-with-password', '', { identity: 'root@demo.interictal.test', password: PASSWORD })
const link = (await api('GET', `/api/collections/care_links/records?filter=${encodeURIComponent(`patient="${ada.patient}" && member="${amira.id}" && until=""`)}`, root)).items[0]
await api('PATCH', `/api/collections/care_links/records/${link.id}`, root, { until: new Date().toISOString() })
const asked = await device(device => device.exchange())
const text = await device(device => device.text())
check('after the link ended her device holds nothing of Ada', ![received, unsent, refused, ada.patient].some(t => text.includes(t)))
check('and Ben is still there', text.includes('ben000000000000'))
check('the server was told what is erased', asked.at(-1).includes(ada.patient), JSON.stringify(asked))
const { conflicts } = await api('GET', `/api/sync/conflicts`, adas)
const handed = JSON.stringify(conflicts.filter(c => c.kind === 'handed_over'))
check('what she had not sent, and what was refused, is kept for the new team', handed.includes(unsent + 'later') && handed.includes(refused))
const { items: audit } = await api('GET', `/api/collections/audit_events/records?perPage=50&sort=-at&filter=${encodeURIComponent(`patient="${ada.patient}" && action="erase"`)}`, root)
check('the erasure is in the audit', audit.some(e => e.actor === amira.id), JSON.stringify(audit.map(e => [e.action, e.actor])))
const bytes = filesWith(desk, [received])
console.log(`     bytes of erased rows still in the browser's files: ${bytes.join() || 'none'} (docs/sync.md, "What erasing means")`)
await device(device => device.eraseAll())
const rest = await gone(desk, [received, unsent, refused, 'ben000000000000'])
check('when the device is signed out no file holds any of it', !rest.length, rest.join())

check('no page error, nothing asked elsewhere', !faults.length, faults.join('; '))
await hand.close()
await stop()
finish()

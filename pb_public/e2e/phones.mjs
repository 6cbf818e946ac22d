// Two phones of one patient do whatever comes to mind: log, rate, end, take, answer days, correct, take out, undo, go on and off the network,
// while the server is really stopped and started. In the end both phones and the server hold the same, by the digest of the proof screen.
// ACTIONS in a run (60), SEEDS runs (1), FROM: the first seed, to see one again (SEED is the program that fills the demo clinic).
import { ADA, PASSWORD, check, demo, finish, pause, phone, scratch, server, signIn } from './lib.mjs'

const ACTIONS = Number(process.env.ACTIONS ?? 60)
const RUNS = Number(process.env.SEEDS ?? 1)
const FIRST = Number(process.env.FROM ?? Math.floor(Math.random() * 1e9))

/** A generator that gives the same again for the same seed. */
const random = seed => () => ((seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32)

for (let run = 0; run < RUNS; run++) await converge(FIRST + run)
finish()

async function converge(seed) {
  const next = random(seed)
  const pick = list => list[Math.floor(next() * list.length)]
  const faults = []
  const { url, start, stop } = await server(demo())
  let up = true
  const hands = [await phone(scratch(), faults), await phone(scratch(), faults)]
  const phones = await Promise.all(hands.map(async hand => {
    const page = await hand.newPage()
    await page.goto(`${url}/app/`)
    await signIn(page, ADA)
    await page.getByText('Up to date').waitFor()
    await page.evaluate(() => navigator.serviceWorker.ready)
    return { hand, page, online: true }
  }))

  const go = async (page, hash, ready) => {
    await page.goto(`${url}/app/#${hash}`)
    await ready().first().waitFor({ timeout: 15_000 })
  }
  const now = locator => locator.first().isVisible()
  const date = () => new Date(Date.now() - (1 + Math.floor(next() * 25)) * 86_400_000).toISOString().slice(0, 10)
  const today = page => go(page, 'today', () => page.getByRole('button', { name: 'Attack now', exact: true }).or(page.getByRole('button', { name: 'It is over' })))
  const day = page => go(page, `day=${date()}`, () => page.getByRole('group', { name: 'Headache that day?' }))
  /** Taps one of what matches, where there is something. */
  const any = async locator => {
    const count = await locator.count()
    if (count) await locator.nth(Math.floor(next() * count)).click({ timeout: 5_000 })
    return count > 0
  }
  const attackOf = async page => {
    await go(page, 'diary', () => page.getByTestId('recorded'))
    const links = page.locator('[data-testid=recent] a')
    await links.first().waitFor({ timeout: 1_500 }).catch(() => {})
    return (await any(links)) && page.getByText('Noted so far').waitFor({ timeout: 5_000 }).then(() => true, () => false)
  }

  const ACTS = {
    async log({ page }) {
      await today(page)
      const begin = page.getByRole('button', { name: 'Attack now', exact: true })
      if (await now(begin)) return begin.click()
      await page.getByRole('button', { name: 'It is over' }).click()
      await any(page.getByRole('button', { name: /^(Just now|1 h ago|I slept it off|I don’t know)$/ }))
    },
    async rate({ page }) {
      await today(page)
      await any(page.getByRole('button', { name: /^(Mild|Moderate|Severe|Very severe)/ }))
    },
    async dose({ page }) {
      await today(page)
      await any(page.getByRole('button', { name: /^Took my usual/ }))
    },
    async fade({ page }) {
      await today(page)
      await any(page.getByRole('button', { name: /^Fading/ }))
    },
    async neck({ page }) {
      await today(page)
      await any(page.getByRole('group', { name: 'Neck pain today' }).getByRole('button'))
    },
    async medicine({ page }) {
      await today(page)
      await any(page.getByRole('group', { name: 'Headache medicine today?' }).getByRole('button'))
    },
    async day({ page }) {
      await day(page)
      await any(page.locator('main [role=group] button'))
    },
    async past({ page }) {
      await day(page)
      await any(page.getByRole('button', { name: 'Add an attack' }))
    },
    async edit({ page }) {
      if (await attackOf(page)) await any(page.locator('main [role=group] button:not([disabled])'))
    },
    async words({ page }) {
      if (!(await attackOf(page))) return
      const note = page.getByRole('textbox', { name: 'Note' })
      if (await now(note)) await note.fill(`note ${Math.floor(next() * 1000)}`), await note.blur()
    },
    async out({ page }) {
      if (await attackOf(page)) await any(page.getByRole('button', { name: pick([/^Take out/, 'Take this attack out']) }))
    },
    async undo({ page }) {
      await any(page.getByRole('button', { name: 'Undo' }))
    },
    async again({ page }) {
      await page.reload()
      await page.locator('main').waitFor()
    },
    async network(p) {
      p.online = !p.online
      await p.hand.setOffline(!p.online)
    },
    async server() {
      await (up ? stop() : start())
      up = !up
    },
  }
  const OFTEN = ['log', 'log', 'rate', 'rate', 'dose', 'fade', 'neck', 'medicine', 'day', 'day', 'past', 'edit', 'edit', 'edit', 'words', 'out', 'undo', 'undo', 'again', 'network', 'network', 'server']

  const done = {}
  let last = ''
  try {
    for (let i = 0; i < ACTIONS; i++) {
      const [which, name] = [Math.floor(next() * 2), pick(OFTEN)]
      last = `${i} ${name} on phone ${which + 1}`
      await ACTS[name](phones[which]).catch(problem => {
        // a row that the other phone took out may go from under the finger
        if (!/Timeout|detached|not attached/.test(problem.message)) throw problem
        done.missed = (done.missed ?? 0) + 1
      })
      done[name] = (done[name] ?? 0) + 1
    }
  } catch (problem) {
    check(`seed ${seed}: ${ACTIONS} actions`, false, `${last}: ${problem.message}`)
  }

  // --- everybody comes home
  if (!up) await start()
  for (const p of phones) await p.hand.setOffline(false)
  const home = []
  for (let round = 0; round < 2; round++)
    for (const { page } of phones) {
      await page.goto(`${url}/app/#settings`)
      await page.reload()
      await page.getByText('Up to date').or(page.getByText('not accepted')).first().waitFor({ timeout: 60_000 }).catch(() => {})
    }
  const { token } = await (await fetch(`${url}/api/collections/users/auth-with-password`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ identity: ADA, password: PASSWORD }) })).json()
  for (const { page } of phones) {
    let words = ''
    for (let i = 0; i < 40 && !words.startsWith('Both hold the same'); i++) { // the other phone's last entry may be on its way
      if (i) await pause(500)
      await page.getByRole('button', { name: 'Compare with my clinic now' }).click()
      await page.getByRole('button', { name: 'Compare with my clinic now', disabled: false }).waitFor()
      words = await page.getByTestId('proof').innerText().catch(() => '')
    }
    home.push({ words, rows: await page.locator('table tbody tr').allInnerTexts(), chip: await page.locator('main header p').innerText() })
  }
  const digest = async collection => (await fetch(`${url}/api/sync/digest?collection=${collection}`, { headers: { authorization: token } })).json()
  const [attacks, days] = [await digest('attacks'), await digest('diary_days')]
  const same = home.every(h => h.words.startsWith('Both hold the same') && h.rows.every(r => r.includes('✓')) && !/waiting/.test(h.chip))
  check(`B-28 seed ${seed}: after ${ACTIONS} actions both phones and the server hold the same, counts and hashes`, same && home[0].rows.join() === home[1].rows.join() && home[0].rows.length > 3,
    same ? `${attacks.count} attacks, ${days.count} days; ${Object.entries(done).map(([k, n]) => `${n} ${k}`).join(', ')}` : JSON.stringify(home))
  check(`seed ${seed}: no page error, no policy violation`, !faults.length, faults.join('; '))
  await Promise.all(hands.map(h => h.close()))
  await stop()
}

import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { chromium } from 'playwright-core'

const ROOT = resolve(import.meta.dirname, '../..')
export const BINARY = process.env.INTERICTAL ?? join(ROOT, 'interictal')
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']

export const DIST = resolve(import.meta.dirname, '../dist')
export const THERAPIST = 'amira@demo.interictal.test'
export const ADA = 'ada@demo.interictal.test'
export const PASSWORD = 'interictal-demo'

function clear(path) {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  } catch (problem) {
    if (problem.code !== 'ENOTEMPTY') throw problem // a browser that still writes as it goes
  }
}
const children = new Set()
const folders = []
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  for (const folder of folders) for (const path of [folder, `${folder}.epochs`, `${folder}.lock`]) clear(path) // the server's guard lies beside its folder
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1)) // `timeout` sends two
process.once('unhandledRejection', problem => (console.error(problem), process.exit(1)))

export function scratch() {
  const folder = mkdtempSync(join(tmpdir(), 'interictal-e2e-'))
  folders.push(folder)
  return folder
}

export const freePort = () =>
  new Promise(done => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => done(port))
    })
  })

/** A data folder with the demo clinic in it; where many journeys run, a copy of the one that was made for all (all.mjs). */
export function demo() {
  const dir = scratch()
  if (process.env.DEMO) return cpSync(process.env.DEMO, dir, { recursive: true }), dir
  const [command, ...args] = process.env.SEED ? [process.env.SEED] : ['go', 'run', './hooks/hookstest/demo']
  execFileSync(command, [...args, '--dir', dir], { cwd: ROOT, env: { ...process.env, GOTOOLCHAIN: 'auto' }, stdio: ['ignore', 'ignore', 'inherit'] })
  return dir
}

/** One address over all restarts, as a phone knows it. With `--dev` a superuser can set its clock. */
export async function server(dir, ...flags) {
  const port = await freePort()
  const url = `http://localhost:${port}`
  let child
  async function start() {
    child = spawn(BINARY, ['serve', `--http=127.0.0.1:${port}`, `--dir=${dir}`, ...flags], { stdio: 'ignore' })
    children.add(child)
    for (let i = 0; i < 400; i++) {
      if (await fetch(`${url}/api/health`).then(r => r.ok, () => false)) return
      if (child.exitCode !== null) break
      await pause(50)
    }
    throw new Error('the server did not start')
  }
  const end = signal => new Promise(done => (child.once('exit', () => (children.delete(child), done())), child.kill(signal)))
  await start()
  return { url, start, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') }
}

export const pause = ms => new Promise(done => setTimeout(done, ms))

const browserPath = () => process.env.CHROMIUM ?? execFileSync('sh', ['-c', 'command -v chromium || command -v chromium-browser || command -v google-chrome'], { encoding: 'utf8' }).trim()

/** A browser with a profile on disk; what it asks of another origin or what its policy blocks goes to `faults`. */
export async function browser(profile, options, faults) {
  const context = await chromium.launchPersistentContext(profile, { executablePath: browserPath(), headless: true, args: ARGS, locale: 'en-GB', ...options })
  context.on('request', request => {
    const { hostname, protocol } = new URL(request.url())
    if (/^https?:$/.test(protocol) && hostname !== 'localhost') faults.push(`request to ${hostname}`)
  })
  context.on('console', message => /Content.Security.Policy|CSP/i.test(message.text()) && faults.push(message.text()))
  context.on('weberror', error => faults.push(`page error: ${error.error().stack || error.error()} ${error.page()?.url() ?? ''}`))
  return context
}
export const phone = (profile, faults) => browser(profile, { viewport: { width: 390, height: 844 }, hasTouch: true }, faults)
export const desk = (profile, faults) => browser(profile, { viewport: { width: 1440, height: 900 } }, faults)

export async function signIn(page, email) {
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

let failed = 0
export function check(name, ok, detail = '') {
  if (!ok) failed++
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}${detail === '' ? '' : ` (${detail})`}`)
}
/** A page catches up with what it was told a moment later: asked again until it is so, for 10 s at most. */
export async function holds(name, is, detail = '') {
  const end = performance.now() + 10_000
  let ok = false
  while (!(ok = await Promise.resolve(is()).catch(() => false)) && performance.now() < end) await pause(50)
  check(name, ok, typeof detail === 'function' ? await Promise.race([detail().catch(String), pause(ok ? 500 : 5_000)]) : detail) // what it would tell may be gone
}
/** A time against its bar: printed always, a failure only where times are the question (`make bench`). */
export const timed = (name, ms, bar) => check(name, !process.env.BENCH || ms <= bar, `${Math.round(ms)} ms, bar ${bar} ms${ms > bar ? ', over it' : ''}`)
export function finish() {
  console.log(failed ? `${failed} failed` : 'all passed')
  process.exit(failed ? 1 : 0)
}
export const since = start => `${Math.round(performance.now() - start)} ms`

/** Whatever a phone sends from now on is refused by this rule, as the server would say it; `page.unrouteAll` ends it. */
export const refuses = (page, code, message, params = {}) =>
  page.route('**/api/sync/exchange', async route => {
    const sent = JSON.parse(route.request().postData())
    if (!sent.push.length) return route.continue()
    const answer = await (await route.fetch({ postData: JSON.stringify({ ...sent, push: [] }) })).json()
    answer.verdicts = sent.push.map(({ n }) => ({ n, verdict: 'refused', message: 'Not accepted.', data: { [code]: { code, severity: 'HARD', message, params } } }))
    await route.fulfill({ json: answer })
  })

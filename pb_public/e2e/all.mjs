// Every journey, a few at a time: each has its own server, folder and browser, and mostly waits. One that fails runs once more by itself
// when the others are done: that run decides, and what the first one said is told last, where nobody overlooks it.
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { demo } from './lib.mjs'

const JOURNEYS = [ // the longest first
  'watermelon',
  'quality',
  'journeys',
  'plan',
  'language',
  'carer',
  'visits',
  'sessions',
  'rxdb',
  'forms',
  'asks',
  'admin',
  'pace',
  'report',
  'desk',
  'offline',
  'tabs',
  'course',
  'phones',
  'erase',
  'exchange',
  'rxdb-suite',
  'safety',
  'dashboard',
  'realtime',
  'sdk',
]
const LANES = Number(process.env.LANES ?? Math.ceil(1.5 * availableParallelism())) // they wait a good part of their time

process.env.DEMO = demo()

/** Gives back what went wrong, nothing if nothing did. */
const run = name =>
  new Promise(done => {
    const start = performance.now()
    const child = spawn(process.execPath, [join(import.meta.dirname, `${name}.mjs`)])
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', words => (said += words))
    child.once('exit', code => {
      console.log(`--- ${name}: ${code === 0 ? 'passed' : 'FAILED'} in ${Math.round((performance.now() - start) / 1000)} s\n${said}`)
      done(code === 0 ? '' : said.split('\n').filter(line => !/^(ok |--- |\s*$)/.test(line)).slice(0, 20).join('\n') || `exit ${code}`)
    })
  })

const left = [...JOURNEYS]
const first = new Map()
async function lane() {
  for (let name; (name = left.shift()); ) {
    const wrong = await run(name)
    if (wrong) first.set(name, wrong)
  }
}
const begun = performance.now()
await Promise.all(Array.from({ length: LANES }, lane))
console.log(`     B-26 the browser's journeys took ${Math.round((performance.now() - begun) / 1000)} s in ${LANES} lanes (bar 240 s with the units, on a machine of CI)`)
const failed = []
for (const name of first.keys()) if (await run(name)) failed.push(name)
for (const [name, wrong] of first) console.log(`${failed.includes(name) ? 'failed twice' : 'failed beside others, passed by itself'}: ${name}\n${wrong}`)
console.log(failed.length ? `failed: ${failed.join(', ')}` : `all ${JOURNEYS.length} journeys passed`)
process.exit(failed.length ? 1 : 0)

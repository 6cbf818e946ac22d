// Every journey, a few at a time: each has its own server, folder and browser, and mostly waits.
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

const run = name =>
  new Promise(done => {
    const start = performance.now()
    const child = spawn(process.execPath, [join(import.meta.dirname, `${name}.mjs`)])
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', words => (said += words))
    child.once('exit', code => {
      console.log(`--- ${name}: ${code === 0 ? 'passed' : 'FAILED'} in ${Math.round((performance.now() - start) / 1000)} s\n${said}`)
      done(code === 0)
    })
  })

const left = [...JOURNEYS]
const failed = []
async function lane() {
  for (let name; (name = left.shift()); ) if (!(await run(name))) failed.push(name)
}
const begun = performance.now()
await Promise.all(Array.from({ length: LANES }, lane))
console.log(`     B-26 the browser's journeys took ${Math.round((performance.now() - begun) / 1000)} s in ${LANES} lanes (bar 240 s with the units, on a machine of CI)`)
console.log(failed.length ? `failed: ${failed.join(', ')}` : `all ${JOURNEYS.length} journeys passed`)
process.exit(failed.length ? 1 : 0)

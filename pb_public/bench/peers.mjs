// Documents a second, 100 at a time, of the real server beside the npm packages pouchdb-server and rxdb-server, over HTTP on this machine.
// All take turns, so that what else the machine does hits all alike: compare the ratios. Each is spoken to with the fewest requests that
// its wire knows. A peer that is not installed (`npm ci` in this folder) is left out.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ADA, PASSWORD, demo, freePort, pause, scratch, server } from '../e2e/lib.mjs'

const PAGE = 100
const ROUNDS = Number(process.env.ROUNDS ?? 100)
const WARMING = 20 // rounds before those that count: two of the servers are compiled while they run

async function ask(url, { body, headers, method = body ? 'POST' : 'GET' } = {}) {
  const response = await fetch(url, { method, headers: { 'Content-Type': 'application/json', 'Accept-Encoding': 'identity', ...headers }, body: body && JSON.stringify(body) })
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`)
  return response.json()
}

/** The address of a peer, once it answers. Undefined if its package is not installed. */
async function peer(name, file, ...args) {
  if (!existsSync(join(import.meta.dirname, 'node_modules', name))) return console.log(`${name} is not installed: left out`)
  const port = await freePort()
  const child = spawn(process.execPath, [join(import.meta.dirname, file), ...args, port], { cwd: scratch(), stdio: ['ignore', 'ignore', 'inherit'] })
  process.prependOnceListener('exit', () => child.kill('SIGKILL'))
  const url = `http://127.0.0.1:${port}`
  for (let i = 0; i < 400 && child.exitCode === null; i++) {
    if (await fetch(url).then(() => true, () => false)) return url
    await pause(50)
  }
  throw new Error(`${name} did not start`)
}

// --- the wires: push() says how many it stored, pull() takes and gives a position

const exchange = (url, headers) => {
  let n = 0
  const post = more => ask(`${url}/api/sync/exchange`, { headers, body: { device: 'bench-phone', schema: 1, ...more } })
  return {
    async push(docs) {
      const { verdicts } = await post({ limit: 1, push: docs.map(state => ({ n: ++n, collection: 'attack_readings', state })) })
      return verdicts.filter(v => v.verdict === 'applied').length
    },
    async pull(cursor, limit) {
      const { changes, cursor: next } = await post({ cursor, limit })
      return [changes, next]
    },
  }
}

const rxdbWire = (url, headers) => ({
  async push(docs) {
    const rows = docs.map(doc => ({ newDocumentState: { ...doc, _deleted: false } }))
    return docs.length - (await ask(`${url}/push`, { headers, body: rows })).length // what it answers are conflicts
  },
  async pull(at, limit) {
    const { documents, checkpoint } = await ask(`${url}/pull?id=${at?.id ?? ''}&lwt=${at?.lwt ?? 0}&limit=${limit}`, { headers })
    return [documents, checkpoint]
  },
})

const couchWire = url => ({
  async push(docs) {
    return (await ask(`${url}/_bulk_docs`, { body: { docs: docs.map(({ id, ...doc }) => ({ _id: id, ...doc })) } })).filter(r => r.ok).length
  },
  async pull(since, limit) {
    const { results, last_seq } = await ask(`${url}/_changes?include_docs=true&since=${since ?? 0}&limit=${limit}`)
    return [results, last_seq]
  },
})

// --- who takes part

const { url: house } = await server(demo())
const { token, record: ada } = await ask(`${house}/api/collections/users/auth-with-password`, { body: { identity: ADA, password: PASSWORD } })
const headers = { Authorization: token, 'X-Device-Id': 'bench-rxdb-phone' }
const { items: attacks } = await ask(`${house}/api/collections/attacks/records?perPage=20`, { headers })

const contenders = [
  { name: 'interictal', ...exchange(house, headers) },
  { name: "interictal, rxdb-server's wire", ...rxdbWire(`${house}/api/sync/rxdb-server/attack_readings/1`, headers) },
]
const pouch = await peer('pouchdb-server', 'node_modules/pouchdb-server/bin/pouchdb-server', '--no-stdout-logs', '--dir', 'data', '--port')
if (pouch) {
  await ask(`${pouch}/bench`, { method: 'PUT' })
  contenders.push({ name: 'pouchdb-server (LevelDB)', ...couchWire(`${pouch}/bench`) })
}
const rxdb = await peer('rxdb-server', 'rxdb-server.mjs')
if (rxdb) contenders.push({ name: 'rxdb-server (memory)', ...rxdbWire(`${rxdb}/attack_readings/0`) })

// --- the race

const readings = () =>
  Array.from({ length: PAGE }, (_, i) => {
    const { id, started_at } = attacks[i % attacks.length]
    return { id: crypto.randomUUID().replaceAll('-', ''), patient: ada.patient, attack: id, at: started_at, at_offset: 60, nrs: i % 11, source: 'phone' }
  })

/** Documents a second of each, in the order of the contenders; who begins changes from round to round. */
async function race(turn) {
  const spent = contenders.map(() => 0)
  for (let round = -WARMING; round < ROUNDS; round++) {
    for (let i = 0; i < contenders.length; i++) {
      const who = (round + WARMING + i) % contenders.length
      const took = await turn(contenders[who])
      if (round >= 0) spent[who] += took
    }
  }
  return spent.map(ms => (1000 * PAGE * ROUNDS) / ms)
}

for (const c of contenders) for (let rows = [1]; rows.length; ) [rows, c.at] = await c.pull(c.at, 1000) // what the demo clinic holds already

const pushed = await race(async c => {
  const docs = readings()
  const begun = performance.now()
  const stored = await c.push(docs)
  const took = performance.now() - begun
  if (stored !== PAGE) throw new Error(`${c.name} stored ${stored} of ${PAGE}`)
  return took
})
const pulled = await race(async c => {
  const begun = performance.now()
  const [rows, at] = await c.pull(c.at, PAGE)
  const took = performance.now() - begun
  if (rows.length !== PAGE) throw new Error(`${c.name} gave ${rows.length} of ${PAGE}`)
  c.at = at
  return took
})

console.log(`${'documents/s, 100 at a time'.padEnd(32)}${'push'.padStart(8)}${'of ours'.padStart(9)}${'pull'.padStart(10)}${'of ours'.padStart(9)}`)
contenders.forEach(({ name }, i) =>
  console.log(name.padEnd(32) + [[pushed, 8], [pulled, 10]].map(([all, width]) => all[i].toFixed(0).padStart(width) + (all[i] / all[0]).toFixed(2).padStart(9)).join('')))
console.log('Ours has synced to the disk (fsync) when it answers, and checks values and rights, keeps history and journal. The peers, as installed, do none of it: no fsync (rxdb-server has no disk at all), no history, no validation, no rights.')
process.exit()

// Two phones and a server on a bad day: requests and answers get lost, apps are killed between and in the middle of local
// transactions, the server is restored from older copies and has faults of its own.
//
// Every value written is a word that remembers the word it replaced. In the end all three hold the same, and each word is
// there, or was replaced or removed by somebody who had seen it, or is among the conflicts the server kept.
import 'fake-indexeddb/auto'
import { expect, test } from 'vitest'
import { fakeServer } from './exchange.fake'
import { newId } from './id'
import { openStore, type Store } from './store'
import type { Entry } from './types'
import type { Answer, Doc } from './wire'

const ADA = 'adaadaadaadaada'
const FIELDS = ['note', 'peak_nrs', 'ended_at'] as const
const SEEDS = Number(process.env.SEEDS ?? 24)
const STEPS = 70
let kills = 0
let restores = 0

const rowsOf = (store: Store) =>
  new Promise<Doc[]>(resolve => {
    const stop = store.watch(r => r.attacks.toArray() as never, (rows: Doc[]) => (resolve(rows), setTimeout(() => stop())))
  })
const bare = (docs: Doc[]) => docs.filter(d => !d._deleted).map(({ rev, ...doc }) => doc).sort((a, b) => a.id.localeCompare(b.id))

class Killed extends Error {}

/** The answer as a phone reads it that goes off while filing it: the transaction it is in never ends. */
function readUntil(answer: Answer, reads: number): Answer {
  return new Proxy(answer, {
    get(target, key) {
      if (reads-- <= 0) throw new Killed()
      return target[key as keyof Answer]
    },
  })
}

class World {
  lossy = true
  server = fakeServer(() => this.lossy && this.random(5) === 0)
  phones = [openStore(newId()), openStore(newId())]
  copies: ReturnType<typeof this.server.backup>[] = []
  words = 0
  rows = 0 // ids are of the seed too, or a seed would not play again as it did
  replaced = new Set<unknown>()
  kills = 0
  restores = 0

  constructor(private state: number) {
    this.server.refuseWhen(() => (this.lossy && this.random(12) === 0 ? { E_NOT_STORED: { code: 'E_NOT_STORED', severity: 'HARD', message: '' } } : null))
  }

  random(n: number) {
    return (this.state = (this.state * 48271) % 2147483647) % n
  }

  async step() {
    const at = this.random(2)
    const store = this.phones[at]!
    const act = this.random(20)
    if (act < 3) await this.make(store)
    else if (act < 10) await this.change(store)
    else if (act < 11) await this.remove(store)
    else if (act < 12) this.copies.push(this.server.backup())
    else if (act < 13 && this.copies.length) this.restore(this.random(this.copies.length))
    else await this.exchange(at, store)
  }

  /** Copies that were made after this one tell of a time that never was. */
  restore(which: number) {
    this.server.restore(this.copies[which]!)
    this.copies.length = which + 1
    this.restores++
  }

  async make(store: Store) {
    const row = { id: `attack${String(++this.rows).padStart(9, '0')}`, patient: ADA, started_at: '2026-01-05 14:00:00.000Z', note: '', peak_nrs: null, ended_at: '' }
    await store.write(() => [{ collection: 'attacks', row } as Entry])
  }

  async change(store: Store) {
    const row = await this.one(store)
    const field = FIELDS[this.random(FIELDS.length)]!
    if (!row) return
    await store.write(async read => {
      const now = (await read.attacks.get(row.id)) as Doc | undefined
      if (!now || now._deleted) return []
      this.replaced.add(now[field])
      return [{ collection: 'attacks', row: { id: row.id, [field]: `w${++this.words}` } } as Entry]
    })
  }

  async remove(store: Store) {
    const row = await this.one(store)
    if (!row) return
    await store.write(async read => {
      const now = (await read.attacks.get(row.id)) as Doc | undefined
      for (const field of FIELDS) this.replaced.add(now?.[field])
      return [{ collection: 'attacks', row: { id: row.id, _deleted: true } } as Entry]
    })
  }

  async one(store: Store) {
    const all = (await rowsOf(store)).filter(r => !r._deleted).sort((a, b) => a.id.localeCompare(b.id))
    return all[this.random(Math.max(1, all.length))]
  }

  async exchange(at: number, store: Store) {
    try {
      await store.exchange(async request => {
        if (this.random(4) === 0) await this.change(store)
        if (this.random(8) === 0) throw new Killed()
        const answer = await this.server.remote({ ...request, limit: 4 })
        return this.random(6) === 0 ? readUntil(answer, this.random(7)) : answer
      })
    } catch (problem) {
      if (!(problem instanceof Killed)) return // lost on the way
      this.kills++
      store.close()
      this.phones[at] = openStore(store.name)
    }
  }

  async settle() {
    this.lossy = false
    for (let i = 0; i < 3; i++) for (const store of this.phones) await store.exchange(this.server.remote)
  }
}

test.each(Array.from({ length: SEEDS }, (_, i) => i + 1))('two phones converge and lose nothing (seed %i)', async seed => {
  const world = new World(seed)
  for (let step = 0; step < STEPS; step++) {
    await world.step()
    const store = world.phones[step % world.phones.length]!
    expect(await store.count()).toBe(Object.values(await store.everything()).flat().length)
  }
  await world.settle()
  const docs = world.server.docs('attacks')
  for (const store of world.phones) {
    expect(bare(await rowsOf(store))).toEqual(bare(docs))
    expect(await store.outbox()).toEqual({ waiting: 0, refused: 0, held: 0 })
    expect(await store.compareWith({ exchange: world.server.remote, digest: world.server.digest })).toEqual([])
    store.close()
  }
  const safe = new Set([...docs.flatMap(d => FIELDS.map(f => d[f])), ...world.replaced, ...world.server.conflicts.map(c => c.value)])
  const lost = Array.from({ length: world.words }, (_, i) => `w${i + 1}`).filter(word => !safe.has(word))
  expect(lost).toEqual([])
  kills += world.kills
  restores += world.restores
}, 60_000)

test('the bad days were bad', () => {
  expect(kills).toBeGreaterThan(SEEDS)
  expect(restores).toBeGreaterThan(SEEDS / 2)
})

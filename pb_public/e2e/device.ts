// A device of staff for erase.mjs: the product's own store and places, without screens.
import { clear, placeOf } from '../src/lib/place'
import { openStore } from '../src/lib/store'
import type { Collection, Entry } from '../src/lib/types'
import { COLLECTIONS } from '../src/lib/types'
import type { Request } from '../src/lib/wire'

export async function openDevice(name: string, token: string) {
  const store = openStore(name, 'staff', (await placeOf(name)).indexedDB)
  const ask = (body: object) => fetch('/api/sync/exchange', { method: 'POST', headers: { authorization: token, 'content-type': 'application/json' }, body: JSON.stringify(body) })
  return {
    /** Exchanges until there is nothing left; gives back the `erased` of each request. */
    async exchange() {
      const erased: string[][] = []
      await store.exchange(async (request: Request) => {
        erased.push(request.erased)
        const answer = await ask(request)
        if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
        return answer.json()
      })
      return erased
    },
    write: (collection: Collection, rows: { id: string }[]) => store.write(() => rows.map(row => ({ collection, row }) as Entry)),
    /** Everything a program can read here. */
    async text() {
      const all = await new Promise(done => {
        const stop = store.watch(async read => Promise.all(COLLECTIONS.map(c => read[c].toArray())), rows => (done(rows), setTimeout(() => stop())))
      })
      return JSON.stringify([all, await store.refusedEntries(), await store.outbox()])
    },
    async eraseAll() {
      store.close()
      await clear(name)
    },
  }
}

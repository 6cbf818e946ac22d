// Whether this phone holds what the server says it must: one hash for each collection, over the names of the versions.
import type { LocalTables } from './tables'
import { COLLECTIONS, type Collection } from './types'
import type { Server } from './wire'

export type Proof = { collection: Collection; here: number; there: number; hash: string; same: boolean }

/** What both sides hold, collection by collection: how many, and one hash over them. */
export async function proof(tables: LocalTables, digest: Server['digest']) {
  const out: Proof[] = []
  for (const collection of COLLECTIONS) {
    const [lines, there] = [await known(tables, collection), await digest(collection)]
    const hash = await sha256(lines.join(''))
    out.push({ collection, here: lines.length, there: there.count, hash, same: lines.length === there.count && hash === there.sha256 })
  }
  return out
}

/** The collections in which phone and server differ. While anything moves between them there is nothing to compare. */
export const compare = async (tables: LocalTables, digest: Server['digest']) => (await proof(tables, digest)).filter(p => !p.same).map(p => p.collection)

/** A line for each row as the server last told it; unsent changes are not its matter. */
const known = ({ rows, base, snapshot }: LocalTables, collection: Collection) =>
  snapshot(async () => {
    const waiting = new Map((await base.where('[collection+id]').between([collection, ''], [collection, '\uffff']).toArray()).map(e => [e.id, e]))
    const docs = (await rows(collection).toArray()).map(row => {
      const entry = waiting.get(row.id)
      return entry ? (entry.theirs ?? entry.base) : row
    })
    return docs.flatMap(doc => (doc && !doc._deleted ? [`${doc.id}:${doc.rev}\n`] : [])).sort()
  })

async function sha256(text: string) {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(hash), byte => byte.toString(16).padStart(2, '0')).join('')
}

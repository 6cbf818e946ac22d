// Whether this phone holds what the server says it must: one hash for each collection, over the names of the versions.
import type { LocalTables } from './tables'
import { COLLECTIONS, type Collection } from './types'
import type { Server } from './wire'

/** The collections in which phone and server differ. While anything moves between them there is nothing to compare. */
export async function compare(tables: LocalTables, digest: Server['digest']) {
  const different: Collection[] = []
  for (const collection of COLLECTIONS) {
    const [here, there] = [await known(tables, collection), await digest(collection)]
    if (here.length !== there.count || (await sha256(here.join(''))) !== there.sha256) different.push(collection)
  }
  return different
}

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

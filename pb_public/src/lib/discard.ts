// What gives up an entry that the server does not accept. Not needed to note anything (store.ts).
import type { LocalTables } from './tables'
import { COLLECTIONS, POINTERS, type Collection, type Entry } from './types'

type File = (entry: Entry) => Promise<Entry>

export const discard = (tables: LocalTables, file: File, collection: Collection, id: string) =>
  tables.atomic(async () => {
    const [entry, row] = await Promise.all([tables.base.get([collection, id]), tables.rows(collection).get(id)])
    const theirs = entry?.theirs ?? entry?.base ?? null
    const undo = !theirs || theirs._deleted ? await letGo(tables, file, collection, id) : []
    await Promise.all([tables.base.delete([collection, id]), tables.refused.delete([collection, id])])
    await tables.keep(collection, id, theirs)
    return row ? [{ collection, row } as Entry, ...undo] : undo
  })

/** What belongs to a row that will never be goes with it; what only mentions it stays. */
async function letGo({ rows }: LocalTables, file: File, owner: Collection, id: string) {
  const undo: Entry[] = []
  for (const collection of COLLECTIONS)
    for (const { field, to, owner: needs } of POINTERS[collection] ?? []) {
      if (to !== owner) continue
      const pointing = await rows(collection).filter(row => row[field] === id && !row._deleted).toArray()
      for (const row of pointing) undo.push(await file({ collection, row: { id: row.id, ...(needs ? { _deleted: true } : { [field]: '' }) } } as Entry))
    }
  return undo
}

// Where one account's database lies. A deleted database leaves its bytes in the browser's files until it tidies up, which may
// be never; a storage bucket has files of its own, and they go with it (measured in Chromium 156, e2e/erase.mjs). Browsers
// without buckets keep the database in the common place.

type Bucket = { indexedDB: IDBFactory; persist(): Promise<boolean>; persisted(): Promise<boolean> }
type Buckets = { open(name: string, options: object): Promise<Bucket>; delete(name: string): Promise<void>; keys(): Promise<string[]> }
const buckets = (navigator as { storageBuckets?: Buckets }).storageBuckets

export type Place = { indexedDB: IDBFactory; persisted: () => Promise<boolean> }

/** The database of that name stays where it was begun, or unsent entries would lie in one place and new ones in the other. */
export async function placeOf(name: string): Promise<Place> {
  const bucket = await bucketOf(name).catch(() => undefined) // what the browser withholds must not keep anybody from writing
  if (bucket) {
    bucket.persist().catch(() => {}) // asks the browser to keep the diary when the disk runs low
    return { indexedDB: bucket.indexedDB, persisted: () => bucket.persisted() }
  }
  navigator.storage?.persist?.().catch(() => {})
  return { indexedDB, persisted: async () => (await navigator.storage?.persisted?.()) ?? false }
}

async function bucketOf(name: string) {
  if (!buckets) return undefined
  const begunHere = (await buckets.keys()).includes(name)
  const begunThere = !begunHere && (await indexedDB.databases()).some(db => db.name === name)
  return begunThere ? undefined : buckets.open(name, { durability: 'strict' })
}

/** Throws away the place with everything in it. */
export async function clear(name: string) {
  await buckets?.delete(name)
  const gone = indexedDB.deleteDatabase(name)
  await new Promise((done, fail) => ((gone.onsuccess = done), (gone.onerror = fail)))
}

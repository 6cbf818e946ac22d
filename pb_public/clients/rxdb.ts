// Keeps RxDB collections in step with an Interictal server, and loses nothing on the way.
//
// Copy this file into your app. It needs rxdb 17 and rxjs, nothing else; example-rxdb.ts shows it in use, and docs/sync.md says what
// your side has to keep: `rev` stays in every document, a conflict handler of your own takes `rev` from `realMasterState`, the cleanup
// plugin is on, so that deleted health data leaves the device, and what conflicts$ and keptByServer() tell is shown to the person.
import { defaultHashSha256, getChangedDocumentsSince, type RxCollection, type RxReplicationWriteToMasterRow, type WithDeleted } from 'rxdb'
import { replicateRxCollection, type RxReplicationState } from 'rxdb/plugins/replication'
import { debounceTime, Subject } from 'rxjs'

/** A document as the server has it; `rev` names this version of it. */
export type Doc = { id: string; rev?: string; [field: string]: unknown }
/** A place in the server's history. It may go back in time (a backup was restored); then the server answers 409. */
export type Position = { epoch: string; seq: number }
type Page = { documents: WithDeleted<Doc>[]; checkpoint: Position }
/** What the person wrote and what stands instead; the server keeps the loser too (keptByServer). */
export type Conflict = { collection: string; id: string; fields: string[]; wrote: Doc; stands: Doc }

export interface Options {
  url: string // of the server, without a slash at the end
  token: () => string // the sign-in as it is now
  collections: RxCollection<Doc>[] // named as on the server
  as?: 'patient' | 'staff' // own diary or caseload; never both in one database
  memory?: Memory // what has to survive a restart beside the database; localStorage unless told
  fetch?: typeof fetch
  retryTime?: number
}
export interface Memory {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
}

const DAY = 24 * 60 * 60 * 1000
const SERVERS_OWN = ['rev', 'created', 'updated', '_deleted']

/** Starts the replication of all collections, with one stream of hints for them together. */
export class InterictalSync {
  readonly conflicts$ = new Subject<Conflict>()
  readonly problems$ = new Subject<unknown>() // what goes wrong on the way; RxDB tries again by itself
  readonly device: string
  readonly #lines: Map<string, Line>
  readonly #ended = new AbortController()

  constructor(readonly options: Options) {
    this.device = this.remembered('device', () => [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join(''))
    this.#lines = new Map(options.collections.map(collection => [collection.name, new Line(this, collection)]))
    void this.#listen()
    const daily = setInterval(() => void this.check().catch(problem => this.problems$.next(problem)), DAY)
    this.#ended.signal.addEventListener('abort', () => clearInterval(daily))
  }

  /** The replication of a collection as it is now: a restored server begins a new one. */
  replication(collection: string): RxReplicationState<Doc, Position> | undefined {
    return this.#lines.get(collection)?.replication
  }

  /** Everything local is on the server and back, and nothing runs. Waits as long as the device is offline. */
  async inSync() {
    for (const line of this.#lines.values()) await line.inSync()
  }

  /** Compares with the server's digest and mends what differs; true if nothing did. */
  async check() {
    const equal = []
    for (const line of this.#lines.values()) equal.push(await line.check())
    return equal.every(Boolean)
  }

  /** Values that lost on the server and wait for a word: show them, and POST /api/sync/conflicts/{id}/resolve. */
  async keptByServer(patient = ''): Promise<Record<string, unknown>[]> {
    return (await (await this.ask(`conflicts${patient && `?patient=${patient}`}`)).json()).conflicts
  }

  async stop() {
    this.#ended.abort()
    for (const line of this.#lines.values()) await line.replication.cancel()
  }

  get stopped() {
    return this.#ended.signal.aborted
  }

  /** A request to the server. Anything but a good answer is thrown. */
  async ask(path: string, init: RequestInit = {}) {
    const { url, token, fetch = globalThis.fetch } = this.options
    const response = await fetch(`${url}/api/sync/${path}`, { ...init, headers: { ...init.headers, Authorization: token() } })
    if (response.ok) return response
    if (response.status === 426) void this.stop() // this app is too old for the server
    throw Object.assign(new Error(`the server answered ${response.status}`), { status: response.status })
  }

  /** (a) Push numbers grow over restarts, also when the clock goes back. */
  nextPush() {
    const next = Math.max(Number(this.remembered('push', () => '0')) + 1, Date.now() * 1000)
    this.remember('push', String(next))
    return String(next)
  }

  /** How far all collections are on the disk: a row that others have hung below a deleted one since then keeps it alive.
   *  A collection without news has not been asked for long, so before a delete each is asked whether there is any. */
  async seen(deletes: boolean) {
    if (deletes) await Promise.all([...this.#lines.values()].map(line => line.look()))
    const places = [...this.#lines.keys()].map(name => this.remembered(`${name}/seen`, () => ''))
    const seq = (place: string) => Number(place.split(':')[1] ?? -1)
    return places.reduce((least, place) => (seq(place) < seq(least) ? place : least))
  }

  remembered(key: string, first: () => string) {
    return this.#memory.getItem(this.#name(key)) ?? this.remember(key, first())
  }
  remember(key: string, value: string) {
    this.#memory.setItem(this.#name(key), value)
    return value
  }
  get #memory() {
    return this.options.memory ?? localStorage
  }
  #name(key: string) {
    return `interictal/${this.options.collections[0]?.database.name}/${key}`
  }

  get query() {
    return this.options.as ? `as=${this.options.as}` : ''
  }

  /** (c) The stream says that there is news, never what; each time it opens, something may have been missed. */
  async #listen() {
    const database = this.options.collections[0]?.database
    if (database?.multiInstance) await database.waitForLeadership() // one stream for all tabs
    while (!this.stopped) {
      try {
        const { body } = await this.ask(`rxdb/stream?${this.query}`, { signal: this.#ended.signal })
        for (const line of this.#lines.values()) line.news.next()
        for await (const { event, data } of events(body!)) {
          if (event === 'resync') for (const name of data.collections) this.#lines.get(name)?.news.next()
        }
      } catch (problem) {
        if (!this.stopped) this.problems$.next(problem)
      }
      await new Promise(done => setTimeout(done, this.options.retryTime ?? 5000))
    }
  }
}

/** One collection, over all its replications. */
class Line {
  replication!: RxReplicationState<Doc, Position>
  readonly news = new Subject<void>()
  #mine: RxReplicationState<Doc, Position> | undefined // until it has to begin again
  #pushes = 0
  #beginning: Promise<unknown> = Promise.resolve() // of the next replication
  #known = new Map<string, WithDeleted<Doc>>() // what the server had told before it went back
  #spentHere?: Map<string, { rev?: string; base?: WithDeleted<Doc> }>

  constructor(
    readonly sync: InterictalSync,
    readonly collection: RxCollection<Doc>,
  ) {
    this.#start()
  }

  #start() {
    const { collection, sync } = this
    const stream = new Subject<'RESYNC'>()
    const hints = this.news.pipe(debounceTime(200)).subscribe(() => stream.next('RESYNC'))
    const replication: RxReplicationState<Doc, Position> = replicateRxCollection<Doc, Position>({
      replicationIdentifier: `interictal-${sync.options.as ?? ''}-${sync.remembered(`${collection.name}/life`, () => '1')}`,
      collection,
      retryTime: sync.options.retryTime ?? 5000,
      pull: { batchSize: 500, stream$: stream, handler: (at, limit) => this.#pull(replication, at, limit) },
      push: { batchSize: 200, handler: rows => this.#push(replication, rows) },
    })
    replication.onCancel.push(() => hints.unsubscribe())
    replication.error$.subscribe(problem => sync.problems$.next(problem))
    replication.conflict$.subscribe(({ input }) => this.#tell(input as RxReplicationWriteToMasterRow<Doc> & { realMasterState: WithDeleted<Doc> }))
    this.replication = this.#mine = replication
  }

  /** (b) A page that was read while a push was under way may hold the row of that push as it was before:
   *  RxDB would drop it without a trace and never ask again. Throw it away and read it anew. */
  async #pull(replication: RxReplicationState<Doc, Position>, at: Position | undefined, limit: number) {
    for (;;) {
      await replication.internalReplicationState?.streamQueue.up
      const pushes = this.#pushes
      const page = await this.#page(replication, at, limit)
      await replication.internalReplicationState?.streamQueue.up
      if (pushes !== this.#pushes) continue
      void replication.internalReplicationState?.streamQueue.down.then(() => this.#saw(replication, page)) // when it is on the disk
      return page
    }
  }

  async #page(replication: RxReplicationState<Doc, Position>, at: Position | undefined, limit: number) {
    const place = at?.epoch ? `&epoch=${at.epoch}&seq=${at.seq}` : ''
    return (await (await this.#ask(replication, `pull?schema=1&limit=${limit}${place}`)).json()) as Page
  }

  /** The newest acknowledgement goes along with every request: a server that has lost that push to a restore says so. */
  async #ask(replication: RxReplicationState<Doc, Position>, path: string, init?: RequestInit) {
    const { sync, collection } = this
    const ack = sync.remembered(`${collection.name}/ack`, () => '')
    try {
      return await sync.ask(`rxdb/${collection.name}/${path}${path.includes('?') ? '&' : '?'}${sync.query}${ack && `&ack=${ack}`}`, init)
    } catch (problem) {
      if ((problem as { status?: number }).status === 409) this.#again(replication)
      throw problem
    }
  }

  /** A page is on the disk. */
  #saw(replication: RxReplicationState<Doc, Position>, { documents, checkpoint }: Page) {
    if (replication !== this.#mine) return
    this.sync.remember(`${this.collection.name}/seen`, `${checkpoint.epoch}:${checkpoint.seq}`)
    const old = documents.filter(doc => this.#spent.has(doc.id) && this.#spent.get(doc.id)?.rev !== doc.rev)
    for (const doc of old) this.#spent.delete(doc.id)
    if (old.length > 0) this.#keepSpent()
  }

  /** Moves the place that was seen to now, if there is no news. */
  async look() {
    const [epoch, seq] = this.sync.remembered(`${this.collection.name}/seen`, () => '').split(':')
    const { replication } = this
    if (!epoch) return
    const page = await this.#page(replication, { epoch, seq: Number(seq) }, 1)
    if (page.documents.length === 0) this.#saw(replication, page)
  }

  async #push(replication: RxReplicationState<Doc, Position>, changed: RxReplicationWriteToMasterRow<Doc>[]) {
    this.#pushes++
    const { sync, collection } = this
    const rows = changed.map(row => ({ ...row, assumedMasterState: this.#told(row) }))
    const seen = await sync.seen(rows.some(row => row.newDocumentState._deleted))
    const headers = { 'Content-Type': 'application/json', 'X-Device-Id': sync.device, 'X-Push-No': sync.nextPush(), 'X-Sync-Seen': seen }
    const answer = await this.#ask(replication, 'push', { method: 'POST', headers, body: JSON.stringify(rows) })
    const conflicts = (await answer.json()) as WithDeleted<Doc>[]
    const ack = answer.headers.get('X-Sync-Ack')
    if (ack) sync.remember(`${collection.name}/ack`, ack)
    const refused = new Set(conflicts.map(doc => doc.id))
    for (const { newDocumentState: { id, rev }, assumedMasterState: base } of rows) if (!refused.has(id)) this.#spent.set(id, { rev, base })
    this.#keepSpent()
    return conflicts
  }

  /** What the server has told under the version that a row names: the ancestor of the change, also where the server has lost it. After an
   *  accepted push RxDB takes the pushed row for it, under the old version still, until a pull brings the new one. */
  #told({ newDocumentState: { id, rev }, assumedMasterState }: RxReplicationWriteToMasterRow<Doc>) {
    const spent = this.#spent.get(id)
    if (rev !== undefined && spent?.rev === rev) return spent.base
    return assumedMasterState ?? (this.#known.get(id)?.rev === rev ? this.#known.get(id) : undefined)
  }

  /** Versions that a push has replaced already; read when this tab becomes the one that replicates. */
  get #spent() {
    return (this.#spentHere ??= new Map(JSON.parse(this.sync.remembered(`${this.collection.name}/spent`, () => '[]'))))
  }

  #keepSpent() {
    this.sync.remember(`${this.collection.name}/spent`, JSON.stringify([...this.#spent].map(([id, { rev }]) => [id, { rev }]))) // no health data
  }

  /** (d) The server went back in time, or this copy cannot be mended: a new replication pulls everything and offers everything.
   *  The old one's memory holds documents too, so it goes; it tells what the person has changed since the server last spoke. */
  #again(old: RxReplicationState<Doc, Position>) {
    if (old !== this.#mine || this.sync.stopped) return
    this.#mine = undefined
    this.#beginning = this.#end(old).then(() => this.sync.stopped || this.#start(), problem => this.sync.problems$.next(problem))
  }

  async #end(old: RxReplicationState<Doc, Position>) {
    const { sync, collection } = this
    const { documents } = await getChangedDocumentsSince(old.metaInstance!, Number.MAX_SAFE_INTEGER)
    for (const { itemId, docData } of documents) if (docData) this.#known.set(itemId, docData as WithDeleted<Doc>)
    await old.remove() // an app that is killed before this line is told 409 once more
    for (const [key, value] of [['life', String(Number(sync.remembered(`${collection.name}/life`, () => '1')) + 1)], ['seen', ''], ['ack', '']]) {
      sync.remember(`${collection.name}/${key}`, value!)
    }
  }

  async inSync() {
    for (let seen; seen !== this.replication && !this.sync.stopped; await this.#beginning) {
      seen = this.replication
      await Promise.race([seen.awaitInSync(), new Promise<void>(done => seen!.onCancel.push(done))])
    }
  }

  /** One look may come between a write and its news: three in a row that differ do not. */
  async check() {
    for (let look = 0; look < 3; look++) {
      await this.inSync()
      if (await this.#equal()) return true
      this.replication.reSync()
    }
    this.#again(this.replication)
    return false
  }

  async #equal() {
    const answer = await this.sync.ask(`digest?collection=${this.collection.name}&${this.sync.query}`)
    const lines = (await this.collection.find().exec()).map(doc => `${doc.id}:${doc.rev}\n`).sort()
    return (await answer.json()).sha256 === (await defaultHashSha256(lines.join('')))
  }

  /** (g) Only words that were changed here and did not come to stand are anybody's business. */
  #tell({ newDocumentState: wrote, assumedMasterState: knew, realMasterState: stands }: RxReplicationWriteToMasterRow<Doc> & { realMasterState: WithDeleted<Doc> }) {
    const differ = (a: unknown, b: unknown) => JSON.stringify(a) !== JSON.stringify(b)
    const fields = Object.keys(wrote).filter(f => !SERVERS_OWN.includes(f) && differ(wrote[f], stands[f]) && (!knew || differ(wrote[f], knew[f])))
    if (fields.length > 0 || wrote._deleted !== stands._deleted) this.sync.conflicts$.next({ collection: this.collection.name, id: wrote.id, fields, wrote, stands })
  }
}

/** The events of a stream. Without a word for a minute (the server says something every 20 seconds) it is dead. */
async function* events(body: ReadableStream<Uint8Array>) {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader()
  let watch: ReturnType<typeof setTimeout> | undefined
  const listen = () => (clearTimeout(watch), (watch = setTimeout(() => void reader.cancel(), 60_000)))
  try {
    let text = ''
    for (let next = await (listen(), reader.read()); !next.done; next = await (listen(), reader.read())) {
      const parts = (text += next.value).split('\n\n')
      text = parts.pop()!
      for (const part of parts) {
        const field = (name: string) => part.match(new RegExp(`^${name}: ?(.*)$`, 'm'))?.[1]
        const data = field('data')
        if (data) yield { event: field('event') ?? 'message', data: JSON.parse(data) }
      }
    }
  } finally {
    clearTimeout(watch)
    await reader.cancel().catch(() => {})
  }
}

// The server's side of the exchange in memory, for tests: the rules of spec/sync.md §6.4, as unreliable as a phone on a train.
import { changed } from './merge'
import { patientOf } from './tables'
import { POINTERS, type Collection } from './types'
import { SyncReset, TooLarge, type Answer, type Broken, type Digest, type Doc, type Position, type Remote, type Request, type Verdict } from './wire'

type Version = { collection: Collection; doc: Doc; seq: number }
type Pushed = { n: number; hash: string; seq: number; state: Doc | null }
type Copy = { now: Map<string, Version>; history: Map<string, Doc>; pushed: Map<string, Pushed>; epochs: { name: string; start: number }[]; seq: number }

export function fakeServer(lose: () => boolean = () => false) {
  let seq = 0
  let starts = 1
  let epochs = [{ name: 'e1', start: 0 }]
  let now = new Map<string, Version>()
  let history = new Map<string, Doc>() // key + rev
  let pushed = new Map<string, Pushed>() // device + key
  const cuts: { rows: Map<string, Version>; shares: (p: Position) => number | null }[] = [] // what each restore began with; null: it lost nothing of that
  const conflicts: { key: string; field: string; value: unknown }[] = []
  const requests: Request[] = []
  const erasures: string[] = []
  const ended = new Map<string, { patient: string; collections: readonly Collection[] | null; seq: number }>() // rights that have ended
  let refuse: (collection: Collection, state: Doc) => Broken | null = () => null
  let most = Infinity

  const strip = (doc: Doc): Doc => Object.fromEntries(Object.entries(doc).filter(([k]) => k !== 'rev')) as Doc
  const keyOf = (collection: Collection, id: string) => `${collection}/${id}`
  const epoch = () => epochs.at(-1)!.name
  const closed = (collection: Collection, patient = '') =>
    [...ended.values()].some(e => e.patient === patient && (!e.collections || e.collections.includes(collection)))

  function issued({ epoch: name, seq: at }: Position) {
    const i = epochs.findIndex(e => e.name === name)
    return i >= 0 && at <= (epochs[i + 1]?.start ?? seq)
  }
  const position = (rev: string): Position => ({ epoch: rev.split(':')[0]!, seq: Number(rev.split(':')[1]) })
  const ahead = (rev?: string) => !!rev && !issued(position(rev))

  /** The copy that still agreed with a lost version: of several that lost it the oldest, for the others may tell of what came after. */
  const parted = (at: Position) => cuts.filter(c => c.shares(at) !== null).sort((a, b) => a.shares(at)! - b.shares(at)!)[0]

  function put(collection: Collection, doc: Doc) {
    const rev = `${epoch()}:${++seq}`
    const version = { collection, doc: { ...strip(doc), rev }, seq }
    now.set(keyOf(collection, doc.id), version)
    history.set(keyOf(collection, doc.id) + rev, strip(doc))
    return version.doc
  }

  function judge({ device, ack }: Request, { n, collection, base: assumed, state: sent }: Request['push'][number]): Verdict {
    const key = keyOf(collection, sent.id)
    const cur = now.get(key)?.doc
    const state = strip(sent)
    const lose = (field: string, value: unknown) => conflicts.push({ key, field, value })
    if (closed(collection, patientOf(collection, state))) {
      for (const field of Object.keys(state)) lose(field, state[field])
      return { n, verdict: 'handedOver' }
    }
    const rev = sent.rev ?? assumed?.rev
    const last = pushed.get(device + key)
    const hash = JSON.stringify([assumed && strip(assumed), state])
    const unseen = !!last && !ahead(rev) && (rev ? position(rev).seq < last.seq : !assumed && (!cur?._deleted || !ack || ack.seq < last.seq))
    if (last && (n < last.n || (hash === last.hash && (n === last.n || unseen)))) return { n, verdict: 'unchanged', doc: cur ?? null }
    const broken = refuse(collection, state) ?? ownerless(collection, state)
    if (broken) return { n, verdict: 'refused', doc: cur && !cur._deleted ? cur : null, data: broken, message: 'Not accepted.' }

    const cut = ahead(rev) && parted(position(rev!)) // what a restore lost descends from the row as the backup had it
    const base = cut ? strip(cut.rows.get(key)?.doc ?? ({ id: sent.id } as Doc)) : (unseen ? last.state : (history.get(key + rev) ?? (assumed && strip(assumed))))
    const settled = (verdict: Verdict) => (pushed.set(device + key, { n, hash, seq: now.get(key)?.seq ?? 0, state: state._deleted ? null : state }), verdict)
    if (!cur) return settled({ n, verdict: 'applied', doc: put(collection, state) })
    if (state._deleted && (cur._deleted || base?._deleted)) return settled({ n, verdict: 'unchanged', doc: cur })
    if (cur._deleted && base && !base._deleted && !changed(base, state).length) return settled({ n, verdict: 'unchanged', doc: cur })
    if (state._deleted) {
      const newer = Object.keys(strip(cur)).filter(f => f !== '_deleted' && changed({ [f]: base?.[f] } as Doc, { [f]: cur[f] } as Doc).length)
      return settled(newer.length ? { n, verdict: 'conflict', doc: cur, fields: newer } : { n, verdict: 'applied', doc: put(collection, { ...cur, _deleted: true }) })
    }
    const merged: Doc = cur._deleted ? { ...base, ...state } : { ...strip(cur) }
    const lost: string[] = []
    for (const field of changed(base, state)) {
      if (cur._deleted || !changed({ [field]: cur[field] } as Doc, { [field]: state[field] } as Doc).length) continue
      const untouched = !changed({ [field]: base?.[field] ?? null } as Doc, { [field]: cur[field] ?? null } as Doc).length
      if (untouched) merged[field] = state[field]
      else lost.push(field), lose(field, state[field])
    }
    merged._deleted = false
    const doc = cur._deleted || changed(strip(cur), merged).length ? put(collection, merged) : cur
    const verdict = lost.length ? 'conflict' : changed(state, strip(doc)).length ? 'merged' : 'applied'
    return settled({ n, verdict, doc, fields: lost })
  }

  function ownerless(collection: Collection, state: Doc): Broken | null {
    const missing = (POINTERS[collection] ?? []).find(p => {
      const owner = now.get(keyOf(p.to, String(state[p.field])))?.doc
      return state[p.field] && !state._deleted && (!owner || owner._deleted)
    })
    return missing ? { E_VALUE: { code: 'E_VALUE', severity: 'HARD', message: 'No such record.', params: { field: missing.field } } } : null
  }

  function answer(request: Request): Answer {
    requests.push(request)
    for (const position of [request.cursor, request.ack]) if (position && !issued(position)) throw new SyncReset()
    if (request.push.length > most) throw new TooLarge()
    erasures.push(...request.erased)
    const verdicts = request.push.map(entry => judge(request, entry))
    const since = request.cursor?.seq ?? 0
    const news = [...now.values()].flatMap(v => {
      const patient = patientOf(v.collection, v.doc)
      const end = [...ended.values()].find(e => e.patient === patient && (!e.collections || e.collections.includes(v.collection)))
      if (!end) return [v]
      return [{ ...v, seq: end.seq, doc: { id: v.doc.id, patient, rev: `${epoch()}:${end.seq}`, _deleted: true } as Doc }]
    })
    const visible = news.filter(v => v.seq > since).sort((a, b) => a.seq - b.seq)
    const page = visible.slice(0, request.limit)
    const handed = new Set(verdicts.flatMap((v, i) => (v.verdict === 'handedOver' ? [String(patientOf(request.push[i]!.collection, request.push[i]!.state))] : [])))
    const gone = [...ended.values()].filter(e => !e.collections && (e.seq > since || handed.has(e.patient)))
    return {
      epoch: epoch(), verdicts, more: page.length < visible.length, serverTime: new Date().toISOString(),
      cursor: { epoch: epoch(), seq: page.length < visible.length ? page.at(-1)!.seq : seq },
      ack: { epoch: epoch(), seq },
      changes: page.map(({ collection, doc }) => ({ collection, doc })),
      revoked: gone.map(e => ({ patient: e.patient, handedOver: handed.has(e.patient) ? 1 : 0 })),
    }
  }

  const remote: Remote = async request => {
    if (lose()) throw new Error('request lost')
    const result = structuredClone(answer(structuredClone(request)))
    if (lose()) throw new Error('answer lost')
    return result
  }

  async function digest(collection: Collection): Promise<Digest> {
    const lines = [...now.values()].filter(v => v.collection === collection && !v.doc._deleted && !closed(collection, patientOf(collection, v.doc)))
    const text = lines.map(v => `${v.doc.id}:${v.doc.rev}\n`).sort().join('')
    const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
    return { count: lines.length, sha256: Buffer.from(hash).toString('hex') }
  }

  return {
    remote, requests, conflicts, erasures, put, digest,
    docs: (collection: Collection) => [...now.values()].filter(v => v.collection === collection && !v.doc._deleted).map(v => v.doc),
    seq: () => seq,
    /** The right to all of a patient ends, or to some collections of hers. */
    revoke: (patient: string, collections: readonly Collection[] | null = null) => ended.set(patient + (collections ?? ''), { patient, collections, seq: ++seq }),
    grant(patient: string) {
      for (const [name, end] of ended) if (end.patient === patient) ended.delete(name)
      for (const v of [...now.values()]) if (patientOf(v.collection, v.doc) === patient && !v.doc._deleted) put(v.collection, v.doc)
    },
    refuseWhen: (rule: typeof refuse) => (refuse = rule),
    takesAtMost: (entries: number) => (most = entries),
    backup: (): Copy => ({ now: new Map(now), history: new Map(history), pushed: new Map(pushed), epochs: [...epochs], seq }),
    restore(copy: Copy) {
      const before = epochs
      const shares = ({ epoch: name, seq: at }: Position) => {
        const i = copy.epochs.findIndex(e => e.name === name)
        const end = copy.epochs[i + 1]?.start ?? copy.seq
        return before.some(e => e.name === name) && (i < 0 || at > end) ? (i < 0 ? copy.seq : end) : null
      }
      cuts.push({ rows: new Map(copy.now), shares })
      now = new Map(copy.now)
      history = new Map(copy.history)
      pushed = new Map(copy.pushed)
      seq = copy.seq
      epochs = [...copy.epochs, { name: `e${++starts}`, start: seq }]
    },
  }
}

// The server's side of the exchange in memory, for tests: the rules of spec/sync.md §6.4, as unreliable as a phone on a train.
import { changed } from './merge'
import { SyncReset, type Answer, type Broken, type Doc, type Position, type Remote, type Request, type Verdict } from './wire'
import type { Collection } from './types'

type Version = { collection: Collection; doc: Doc; seq: number }
type Pushed = { n: number; hash: string; state: Doc }

export function fakeServer(lose: () => boolean = () => false) {
  let epoch = 'e1'
  let seq = 0
  let now = new Map<string, Version>()
  const history = new Map<string, Doc>() // key + rev
  const pushed = new Map<string, Pushed>() // device + key
  const conflicts: { key: string; field: string; value: unknown }[] = []
  const revoked = new Set<string>()
  const requests: Request[] = []
  let refuse: (collection: Collection, state: Doc) => Broken | null = () => null
  let lastCut = 0

  const strip = (doc: Doc): Doc => Object.fromEntries(Object.entries(doc).filter(([k]) => k !== 'rev')) as Doc
  const keyOf = (collection: Collection, id: string) => `${collection}/${id}`

  /** A state that was lost here in a restore: the phone remembers it, so the phone is right. */
  function ahead(rev = '') {
    const [its, at] = rev.split(':')
    return !!its && its !== epoch && Number(at) > lastCut
  }

  function put(collection: Collection, doc: Doc) {
    const rev = `${epoch}:${++seq}`
    const version = { collection, doc: { ...strip(doc), rev }, seq }
    now.set(keyOf(collection, doc.id), version)
    history.set(keyOf(collection, doc.id) + rev, strip(doc))
    return version.doc
  }

  function judge(device: string, { n, collection, base: assumed, state: sent }: Request['push'][number]): Verdict {
    const key = keyOf(collection, sent.id)
    const cur = now.get(key)?.doc
    const state = strip(sent)
    if (revoked.has(String(state.patient))) {
      conflicts.push(...Object.keys(state).map(field => ({ key, field, value: state[field] })))
      return { n, verdict: 'handedOver' }
    }
    const last = pushed.get(device + key)
    const hash = JSON.stringify([assumed && strip(assumed), state])
    if (last && (n < last.n || hash === last.hash)) return { n, verdict: 'unchanged', doc: cur ?? null }
    const broken = refuse(collection, state)
    if (broken) return { n, verdict: 'refused', doc: cur ?? null, data: broken, message: 'Not accepted.' }
    const base = history.get(key + sent.rev) ?? (assumed && strip(assumed))
    const known = (field: string) => [base, assumed, last?.state].some(v => v && !changed({ [field]: v[field] } as Doc, { [field]: cur?.[field] } as Doc).length)
    const remember = (verdict: Verdict) => (pushed.set(device + key, { n, hash, state }), verdict)

    if (ahead(sent.rev)) return remember({ n, verdict: 'applied', doc: put(collection, state) })
    if (cur?._deleted && !state._deleted && base && !changed(base, state).length) return remember({ n, verdict: 'conflict', doc: cur })
    if (!cur) return remember({ n, verdict: 'applied', doc: put(collection, state) })
    if (cur._deleted && state._deleted) return remember({ n, verdict: 'unchanged', doc: cur })
    const merged: Doc = { ...strip(cur) }
    const lost: string[] = []
    for (const field of changed(base ?? last?.state ?? null, state)) {
      if (!changed({ [field]: cur[field] } as Doc, { [field]: state[field] } as Doc).length) continue
      if (known(field) || cur._deleted) merged[field] = state[field]
      else lost.push(field), conflicts.push({ key, field, value: state[field] })
    }
    if (!state._deleted) merged._deleted = false
    const doc = changed(strip(cur), merged).length ? put(collection, merged) : cur
    const verdict = lost.length ? 'conflict' : changed(state, strip(doc)).length ? 'merged' : 'applied'
    return remember({ n, verdict, doc, fields: lost })
  }

  function answer(request: Request): Answer {
    requests.push(request)
    for (const position of [request.cursor, request.ack])
      if (position && (position.epoch === epoch ? position.seq > seq : position.seq > lastCut)) throw new SyncReset()
    const verdicts = request.push.map(entry => judge(request.device, entry))
    const since = request.cursor?.seq ?? 0
    const visible = [...now.values()].filter(v => v.seq > since).sort((a, b) => a.seq - b.seq)
    const page = visible.slice(0, request.limit)
    const at: Position = { epoch, seq: page.at(-1)?.seq ?? since }
    return {
      epoch, verdicts, cursor: at, more: page.length < visible.length, serverTime: new Date().toISOString(),
      ack: { epoch, seq },
      changes: page.filter(v => !revoked.has(String(v.doc.patient))).map(({ collection, doc }) => ({ collection, doc })),
      revoked: [...revoked].map(patient => ({ patient, handedOver: 0 })),
    }
  }

  const remote: Remote = async request => {
    if (lose()) throw new Error('request lost')
    const result = structuredClone(answer(structuredClone(request)))
    if (lose()) throw new Error('answer lost')
    return result
  }

  return {
    remote, requests, conflicts, put,
    docs: (collection: Collection) => [...now.values()].filter(v => v.collection === collection && !v.doc._deleted).map(v => v.doc),
    seq: () => seq,
    revoke: (patient: string) => revoked.add(patient),
    refuseWhen: (rule: typeof refuse) => (refuse = rule),
    backup: () => ({ now: new Map(now), seq }),
    restore(copy: { now: Map<string, Version>; seq: number }) {
      now = new Map(copy.now)
      lastCut = seq = copy.seq
      epoch = `e${Number(epoch.slice(1)) + 1}`
      pushed.clear()
    },
  }
}

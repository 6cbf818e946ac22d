// One phone's side of the exchange: what goes out, and what becomes of it. Every answer is filed in one local transaction,
// so a phone that dies in between has either all of it or none, and asks again.
import { newId } from './id'
import { changed, merge } from './merge'
import { nameOf, ownerMissing, sortOutbox } from './outbox'
import { patientOf, type Base, type Key, type LocalTables, type Meta } from './tables'
import { COLLECTIONS, READ_ONLY, type Collection } from './types'
import { SyncReset, TooLarge, type Answer, type Doc, type Position, type Remote, type Request, type Verdict } from './wire'

const PUSH = 200
const PULL = 500
/** Which build this is: the name of its chunk ends in a hash of what is in it. */
const BUILD = import.meta.url.match(/[\w-]+(?=\.\w+$)/)?.[0] ?? ''
/** Removals kept in mind for a server that forgets them: what an older copy can lack. */
const REMOVED = 1000

/** What one run has learned: how much the server takes at once, what it could not store now, whether it named a conflict. */
type Run = { size: number; resets: number; putOff: Set<string>; conflict: boolean }

export type Exchange = ReturnType<typeof openExchange>

export function openExchange(tables: LocalTables, as: 'patient' | 'staff') {
  const { rows, base, refused, atomic, remember, recall, keep } = tables
  const readOnly = as === 'staff' ? [...READ_ONLY, 'consents' as const] : READ_ONLY
  const writable = COLLECTIONS.filter(c => !readOnly.includes(c))

  /** Sends the outbox and fetches what is new, until there is neither. Gives back whether the server named a conflict. */
  async function exchange(remote: Remote) {
    const run: Run = { size: PUSH, resets: 0, putOff: new Set(), conflict: false }
    for (let more = true; more; ) {
      const request = await outgoing(run)
      more = await remote(request).then(answer => incoming(request, answer, run), problem => recover(problem, request, run))
    }
    return run.conflict
  }

  async function recover(problem: unknown, { push }: Request, run: Run) {
    if (problem instanceof SyncReset && !run.resets++) await startOver()
    else if (problem instanceof TooLarge && push.length > 1) run.size = Math.ceil(push.length / 2)
    else if (problem instanceof TooLarge && push.length === 1) await show(push[0]!, TOO_LARGE)
    else throw problem
    return true
  }

  const outgoing = (run: Run) =>
    atomic(async (): Promise<Request> => {
      const { device = '', n, cursor, ack, reset, erased } = await recall()
      const push: Request['push'] = []
      let last = 0
      let top = n
      const all = reset ? [] : (await sortOutbox(tables, run.putOff)).ready
      const ready = all.slice(0, run.size)
      for (const entry of ready) {
        const state = (await rows(entry.collection).get(entry.id))!
        // numbers rise along the request, so that a row's owner is settled before the row
        const number = entry.n && entry.n > last ? entry.n : ++top
        push.push({ n: (last = number), collection: entry.collection, base: entry.base, state, ...(state._deleted && { seen: entry.seen }) })
        // a retry changes nothing here, or it would look like news and call for the next one
        if (!entry.sent || entry.n !== number) await base.put({ ...entry, n: number, sent: true })
      }
      const name = device || newId() + newId()
      if (name !== device || top !== n) await remember({ device: name, n: top })
      return { device: name, schema: 1, as, cursor, ack, limit: PULL, push, erased, app: BUILD, waiting: all.length - ready.length }
    })

  /** Files one answer in one local transaction. Gives back whether there is more to send or to fetch. */
  const incoming = (request: Request, answer: Answer, run: Run) =>
    atomic(async () => {
      const { push, cursor } = request
      const known = await recall()
      const sent = new Map(push.map(p => [p.n, p]))
      const verdicts = answer.verdicts.filter(v => sent.has(v.n))
      if (!cursor) await Promise.all(readOnly.map(c => rows(c).clear()))
      for (const verdict of verdicts) await settle(sent.get(verdict.n)!, verdict, run, known)
      await take(answer.changes)
      const { leaving, erased } = await leave(request, answer, known)
      await remember({ cursor: answer.cursor, ack: answer.ack, reset: known.reset && answer.more, removed: known.removed.slice(-REMOVED), leaving, erased })
      if (answer.more || erased.length) return true
      const unanswered = push.length > 0 && !verdicts.length
      return !unanswered && (await sortOutbox(tables, run.putOff)).ready.length > 0
    })

  async function settle(entry: Request['push'][number], verdict: Verdict, run: Run, known: Meta) {
    const { collection, n, state } = entry
    const now = await base.get([collection, state.id])
    if (!now) return
    run.conflict ||= verdict.verdict === 'conflict'
    if (now.n !== n) return overtaken(now, state, verdict)
    if (verdict.verdict === 'refused') return notTaken(now, entry, verdict, run, known)
    await base.delete([collection, state.id])
    const result = verdict.verdict === 'handedOver' ? null : (verdict.doc ?? (state._deleted ? null : state))
    await keep(collection, state.id, result)
    if (!state._deleted || !result?._deleted) return
    known.removed = known.removed.filter(r => r.id !== state.id || r.collection !== collection)
    known.removed.push({ collection, id: state.id, patient: result.patient, rev: result.rev })
  }

  /**
   * A fault of the server's is tried again later, and so is what it found no owner for. What is not ours any more, or was
   * sent only to make sure, takes the server's word. The rest the person has to see: refused for anything but the right to
   * it, it was judged by a server that gives this right, and the patient is back.
   */
  async function notTaken(now: Base, entry: Request['push'][number], verdict: Verdict, run: Run, known: Meta) {
    const { collection, state } = entry
    const data = verdict.data ?? {}
    await base.put({ ...now, theirs: verdict.doc ?? now.theirs ?? { id: state.id, _deleted: true } }) // what the server does not show it does not have
    if (data.E_NOT_STORED) return void run.putOff.add(nameOf(now))
    if (!state._deleted && (await ownerMissing(tables, collection, state, run.putOff))) return // a removal waits for nobody
    const patient = patientOf(collection, state) ?? ''
    const gone = data.E_FORBIDDEN && (known.leaving.includes(patient) || now.theirs?._deleted)
    if (!data.E_FORBIDDEN) known.leaving = known.leaving.filter(p => p !== patient)
    const unsaid = entry.base ? !changed(entry.base, state).length : state._deleted && state.rev
    if (!gone && !(unsaid && (verdict.doc || data.E_READ_ONLY || data.E_FORBIDDEN))) return void (await show(entry, verdict))
    await base.delete([collection, state.id])
    await keep(collection, state.id, gone ? null : (verdict.doc ?? null))
  }

  const show = ({ collection, state }: Request['push'][number], { message = '', data = {} }: Pick<Verdict, 'message' | 'data'>) =>
    refused.put({ collection, id: state.id, message, data, at: Date.now() })

  /**
   * The row was changed again while it was on the wire: what was said since stays in the outbox, on top of the server's
   * answer. Where that does not fit, the row goes again from its old base, and the server names the conflict.
   */
  async function overtaken(entry: Base, sent: Doc, { verdict, doc }: Verdict) {
    if (!doc || doc._deleted || verdict === 'refused' || verdict === 'handedOver') return
    const { collection, id } = entry
    const { row, conflicts } = merge(sent, (await rows(collection).get(id))!, doc)
    if (conflicts.length) return void (await base.put({ ...entry, theirs: doc }))
    await rows(collection).put(row)
    if (changed(doc, row).length) await base.put({ collection, id, base: doc, n: null, sent: false, gone: !!row._deleted, seen: entry.seen })
    else await base.delete([collection, id])
  }

  /** News about a row in the outbox wait for the verdict on it: only the server merges, so that no value is lost unseen. */
  async function take(changes: Answer['changes']) {
    const keys = changes.map((c): Key => [c.collection, c.doc.id])
    const waiting = await base.bulkGet(keys)
    for (const collection of COLLECTIONS) {
      const news = changes.flatMap((c, i) => (c.collection === collection && !waiting[i] ? [c.doc] : []))
      await rows(collection).bulkPut(news.filter(d => !d._deleted))
      await rows(collection).bulkDelete(news.filter(d => d._deleted).map(d => d.id))
    }
    await base.bulkPut(changes.flatMap((c, i) => (waiting[i] ? [{ ...waiting[i], theirs: c.doc }] : [])))
    // a refused row that is gone there may be another's now: sent once more, it is handed over instead of staying here
    await refused.bulkDelete(keys.filter((_, i) => waiting[i] && changes[i]!.doc._deleted))
  }

  /**
   * Rights that have ended: everything of those patients goes, unsent work when the server has it handed over. Gives
   * back who still has unsent work here, and the erasures that the server has not heard of.
   */
  async function leave(request: Request, answer: Answer, known: Meta) {
    const back = new Set(answer.changes.filter(c => !c.doc._deleted).map(c => patientOf(c.collection, c.doc)))
    const news = answer.revoked.map(r => r.patient)
    const leaving = [...new Set([...known.leaving, ...news])].filter(p => !back.has(p))
    const unheard = known.erased.filter(p => !request.erased.includes(p) && !back.has(p))
    const still: string[] = []
    for (const patient of leaving) {
      if (!(await forget(patient))) still.push(patient)
      else if (!request.erased.includes(patient)) unheard.push(patient)
    }
    const theirs = (of: { patient?: string }) => leaving.includes(of.patient ?? '')
    if (leaving.length) await remember({ conflicts: known.conflicts.filter(c => !theirs(c)) })
    known.removed = known.removed.filter(r => !theirs(r))
    return { leaving: still, erased: [...new Set(unheard)] }
  }

  /** Erases what is not in the outbox, and whether that was all. What was refused is sent once more: to be handed over. */
  async function forget(patient: string) {
    let all = true
    for (const collection of COLLECTIONS) {
      const ids = await rows(collection).where(collection === 'patients' ? 'id' : 'patient').equals(patient).primaryKeys()
      const keys = ids.map((id): Key => [collection, id])
      const waiting = await base.bulkGet(keys)
      all &&= !waiting.some(Boolean)
      await Promise.all([rows(collection).bulkDelete(ids.filter((_, i) => !waiting[i])), refused.bulkDelete(keys)])
    }
    return all
  }

  /**
   * Fetches everything again, then sends every row of these collections again under the name of the version it stands
   * for (its `rev`): the server takes what it has lost and keeps what it knows better. Unsent changes keep their base; what was
   * refused is judged anew.
   */
  const startOver = (collections: readonly Collection[] = writable) =>
    atomic(async () => {
      await remember({ cursor: null, ack: null, reset: true })
      await refused.clear()
      await base.toCollection().modify(entry => void delete entry.theirs)
      for (const collection of writable.filter(c => collections.includes(c))) {
        await bringBackRemovals(collection)
        const all = await rows(collection).toArray()
        const waiting = await base.bulkGet(all.map((row): Key => [collection, row.id]))
        const clean = all.filter((_, i) => !waiting[i])
        await base.bulkPut(clean.map(row => ({ collection, id: row.id, base: row._deleted ? null : row, n: null, sent: true, gone: !!row._deleted, seen: row._deleted ? positionOf(row.rev) : undefined })))
      }
    })

  async function bringBackRemovals(collection: Collection) {
    const mine = (await recall()).removed.filter(r => r.collection === collection)
    const there = await rows(collection).bulkGet(mine.map(r => r.id))
    await rows(collection).bulkPut(mine.flatMap(({ id, patient, rev }, i) => (there[i] ? [] : [{ id, patient, rev, _deleted: true }])))
  }

  return { exchange, startOver }
}

/** The place that a version is named after. */
function positionOf(rev = ''): Position | undefined {
  const [epoch, seq] = rev.split(':')
  return epoch && seq ? { epoch, seq: Number(seq) } : undefined
}

const TOO_LARGE = {
  message: 'This entry is too large to be sent.',
  data: { E_TOO_LARGE: { code: 'E_TOO_LARGE', severity: 'HARD', message: 'This entry is too large to be sent.' } },
}

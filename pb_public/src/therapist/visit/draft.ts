// A note's draft on this computer: every word is kept the moment it is written, sent at once, and without a network later, in order.
// What somebody else has written meanwhile is shown beside it, never overwritten.
import type { Part } from '../../lib/visits'

type Write = { part: string; value: unknown; rev: number }
export type Conflict = { mine: unknown; theirs: unknown; rev: number; by: string }
export type Kept = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
/** What became of a write: stored, or why not. */
export type Sent = { stored: Part } | { stale: { value: unknown; rev: number; by: string } } | { refused: string } | 'offline' | 'over'
type Send = (write: Write & { note: string }) => Promise<Sent>

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A row is told field by field: what waits of it and what comes are one. */
const together = (part: string, before: unknown, after: unknown) => (part.includes('/') && isObject(before) && isObject(after) ? { ...before, ...after } : after)

export class Draft {
  note: string
  waiting: Write[] = []
  conflicts: Record<string, Conflict> = {}
  refused: Record<string, string> = {}
  offline = false
  over = false
  savedAt = 0
  private stores = 0
  private revs: Record<string, number> = {}
  private busy = false
  private running: Promise<void> | undefined

  constructor(readonly key: string, id: string, private send: Send, private store: Kept, private changed: () => void) {
    const kept = JSON.parse(store.getItem(key) ?? 'null')
    this.note = kept?.note ?? id
    this.waiting = kept?.waiting ?? []
    this.conflicts = kept?.conflicts ?? {}
    this.revs = kept?.revs ?? {}
  }

  /** A page that was read before something was stored would take its number back: it is read again. */
  async read<T>(get: () => Promise<T>): Promise<T> {
    for (;;) {
      const before = this.stores
      const page = await get()
      if (this.stores === before) return page
    }
  }

  /** What the server has of a part; what waits here is younger. */
  knows(part: string, rev: number) {
    if (!this.waits(part)) this.revs[part] = rev
  }

  waits = (part: string) => this.waiting.some(w => w.part === part) || part in this.conflicts

  /** The value to show: one's own while it waits or is in conflict, else the stored one. */
  shown(part: string, stored: unknown) {
    const own = this.conflicts[part] ? { value: this.conflicts[part]!.mine } : this.waiting.findLast(w => w.part === part)
    return own ? together(part, stored, own.value) : stored
  }

  write(part: string, value: unknown) {
    delete this.refused[part]
    if (this.conflicts[part]) this.conflicts[part]!.mine = together(part, this.conflicts[part]!.mine, value)
    else {
      const last = this.waiting.at(-1)
      const free = last?.part === part && !(this.busy && this.waiting.length === 1) // the first may be on its way
      if (free) last!.value = together(part, last!.value, value)
      else this.waiting.push({ part, value, rev: this.revs[part] ?? 0 })
    }
    this.keep()
    return this.flush()
  }

  /** Keeps one of two values: one's own is written over the other knowingly. */
  settle(part: string, mine: boolean) {
    const { [part]: conflict, ...others } = this.conflicts
    this.conflicts = others
    if (!conflict) return
    this.revs[part] = conflict.rev
    this.keep()
    return mine ? this.write(part, conflict.mine) : this.changed()
  }

  /** Sends all that waits; whoever asks while it is sent waits for the same. */
  flush = () => (this.running ??= this.sendAll().finally(() => (this.running = undefined)))

  private async sendAll() {
    this.busy = true
    while (this.waiting.length) {
      const write = this.waiting[0]!
      const sent = await this.send({ ...write, rev: this.revs[write.part] ?? write.rev, note: this.note })
      this.offline = sent === 'offline'
      this.over = sent === 'over'
      if (sent === 'offline' || sent === 'over') break
      this.waiting.shift()
      this.take(write, sent)
      this.keep()
    }
    this.busy = false
    this.changed()
  }

  private take(write: Write, sent: Exclude<Sent, 'offline' | 'over'>) {
    if ('stored' in sent) {
      this.revs[write.part] = sent.stored.rev
      this.savedAt = Date.now()
      this.stores++
      return
    }
    if ('refused' in sent) return void (this.refused[write.part] = sent.refused)
    const later = this.waiting.filter(w => w.part === write.part)
    this.waiting = this.waiting.filter(w => w.part !== write.part)
    const mine = later.reduce((value, w) => together(write.part, value, w.value), write.value)
    this.conflicts = { ...this.conflicts, [write.part]: { mine, theirs: sent.stale.value, rev: sent.stale.rev, by: sent.stale.by } }
  }

  private keep() {
    const empty = !this.waiting.length && !Object.keys(this.conflicts).length
    if (empty) this.store.removeItem(this.key)
    else this.store.setItem(this.key, JSON.stringify({ note: this.note, waiting: this.waiting, conflicts: this.conflicts, revs: this.revs }))
    this.changed()
  }
}

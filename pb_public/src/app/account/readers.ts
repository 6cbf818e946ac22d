// The clinic's audit in the words of the person it is about.
import { day, instant } from '../../lib/time'
import { text as names } from '../needs/text'
import { text } from './text'

export type AuditEvent = { at: string; actor: string; capacity: string; action: string; collection: string; reason?: string }
export type Look = { key: string; who: string; what: string; at: string; why: string }

/** One line for each person and day, the newest first: what was read and what was changed. What the patient did is left out. */
export function looks(events: readonly AuditEvent[], names: ReadonlyMap<string, string>, self: string): Look[] {
  const seen = new Map<string, { who: string; at: string; why: Set<string>; did: Map<string, Set<string>> }>()
  for (const { at, actor, capacity, action, collection, reason } of [...events].sort((a, b) => b.at.localeCompare(a.at))) {
    if (actor === self || actor === 'system') continue
    const key = [actor, capacity, day(instant(at))].join()
    const line = seen.get(key) ?? { who: names.get(actor) ?? text.readers.roles[capacity] ?? text.readers.somebody, at, why: new Set<string>(), did: new Map<string, Set<string>>() }
    seen.set(key, line)
    if (reason) line.why.add(reason)
    line.did.set(action, (line.did.get(action) ?? new Set()).add(kindOf(collection)))
  }
  return [...seen].map(([key, { who, at, why, did }]) => ({ key, who, at, why: [...why].map(text.readers.why).join(' '), what: [...did].map(([action, kinds]) => `${text.readers.actions[action] ?? action}: ${[...kinds].join(', ')}`).join('; ') }))
}

const kindOf = (collection: string) =>
  text.readers.kinds[collection] ?? names.kinds[collection as keyof typeof names.kinds]?.toLowerCase() ?? text.readers.other

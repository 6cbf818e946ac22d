// The clinic's audit in the words of the person it is about.
import { day, instant } from '../lib/time'
import { text } from './text.screens'

export type AuditEvent = { at: string; actor: string; capacity: string; action: string; collection: string }
export type Look = { key: string; who: string; what: string; at: string }

/** One line for what one person did with one kind of entry on one day, the newest time; what the patient did is left out. */
export function looks(events: readonly AuditEvent[], names: ReadonlyMap<string, string>, self: string): Look[] {
  const seen = new Map<string, Look>()
  for (const { at, actor, capacity, action, collection } of [...events].sort((a, b) => b.at.localeCompare(a.at))) {
    if (actor === self || actor === 'system') continue
    const key = [actor, capacity, action, collection, day(instant(at))].join()
    const kind = text.readers.kinds[collection] ?? text.kinds[collection as keyof typeof text.kinds]?.toLowerCase() ?? text.readers.other
    const who = names.get(actor) ?? text.readers.roles[capacity] ?? text.readers.somebody
    if (!seen.has(key)) seen.set(key, { key, who, at, what: `${text.readers.actions[action] ?? action}: ${kind}` })
  }
  return [...seen.values()]
}

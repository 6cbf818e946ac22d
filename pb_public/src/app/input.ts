// How a stored value stands in a field to type in.
import { instant } from '../lib/time'

export const TIMES = new Set(['started_at', 'ended_at', 'at', 'from', 'until', 'taken_at', 'done_at'])

/** A stored value as its input shows it. */
export function toInput(field: string, value: unknown) {
  if (value === null || value === undefined || value === '') return ''
  if (!TIMES.has(field)) return String(value)
  const at = new Date(instant(String(value)))
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

// Numbers and days as the page writes them.
import { text } from './text'
import type { Measure } from './link'

export const number = (value: number) => String(Math.round(value * 10) / 10)
export const signed = (value: number) => (value > 0 ? '+' : value < 0 ? '−' : '') + number(Math.abs(value))

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** "5 Jan 2026", as the server writes it. */
export function day(iso: string) {
  const [year, month, date] = iso.slice(0, 10).split('-').map(Number)
  return year && month && date ? `${date} ${MONTHS[month - 1]} ${year}` : ''
}

export const shortDay = (iso: string) => day(iso).split(' ').slice(0, 2).join(' ')

export const missing = (m: Measure) => text.reasons[m.reason ?? ''] ?? text.notEnough

/** Where a day lies on a time axis of some weeks, 0 to 1, ends cut off. */
export function place(iso: string, from: string, days: number) {
  const at = (Date.parse(iso) - Date.parse(from)) / 86_400_000
  return Math.min(1, Math.max(0, at / days))
}

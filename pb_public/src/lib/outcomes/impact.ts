// What migraine takes from the parts of a life, as hooks/outcomes/impact.go says it. What was not asked is null with its reason.
import type { Num } from '../types'
import { check, score, type Response } from './score'
import { find } from './table'

export type Line = { what: string; instrument: string; item: string; unit: string; value: Num; on: string; reason: '' | 'NOT_ASKED' | 'TOTAL_ONLY' | 'NOT_SAID' }
export type Activity = { words: string; first: Num; value: Num; on: string }
export type Impact = { work: Line[]; home: Line[]; social: Line[]; selfCare: Line[]; activities: Activity[] }

const QUARTER = 'days in 3 months'

/** Of the newest answers. */
export function impactOf(responses: readonly Response[]): Impact {
  const line = (what: string, instrument: string, item: string, unit: string) => newest(responses, { what, instrument, item, unit, value: null, on: '', reason: 'NOT_ASKED' })
  return {
    work: [line('missed', 'midas', 'q1', QUARTER), line('half_done', 'midas', 'q2', QUARTER)],
    home: [line('missed', 'midas', 'q3', QUARTER), line('half_done', 'midas', 'q4', QUARTER)],
    social: [line('missed', 'midas', 'q5', QUARTER)],
    selfCare: [line('personal_care', 'ndi', 'q2', '0 to 5')],
    activities: activities(responses),
  }
}

function newest(responses: readonly Response[], line: Line): Line {
  for (const r of responses) {
    const on = r.on ?? ''
    if (r.instrument !== line.instrument || !r.finished || on < line.on || check(r).length) continue
    const value = r.answers?.[line.item] ?? null
    const total = Object.values(r.totals ?? {}).some(n => n !== null)
    line = { ...line, on, value, reason: total ? 'TOTAL_ONLY' : value === null ? 'NOT_SAID' : '' }
  }
  return line
}

/** What she named, each with its first and its last number. */
function activities(responses: readonly Response[]): Activity[] {
  const found = new Map<string, Activity>()
  const scored = responses.filter(r => r.instrument === 'psfs' && score(r).status === 'scored')
  for (const r of scored.sort((a, b) => (a.on ?? '').localeCompare(b.on ?? '') || (a.id ?? '').localeCompare(b.id ?? '')))
    for (const { id } of find('psfs')!.items) {
      const [words, value] = [r.words?.[id]?.trim() ?? '', r.answers?.[id] ?? null]
      if (!words || value === null) continue
      const key = words.split(/\s+/).join(' ').toLowerCase()
      const known = found.get(key) ?? { words, first: value }
      found.set(key, { ...known, value, on: r.on ?? '' })
    }
  return [...found.values()]
}

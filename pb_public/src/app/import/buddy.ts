// A diary out of Migraine Buddy, as entries. Columns and blocks are found by their names; what has no sure meaning is told and left
// out, or kept as words in the note. Nothing is guessed.
import { dayId } from '../../lib/id'
import { instant, offset as offsetHere, stamp } from '../../lib/time'
import type { Attack, DiaryDay } from '../../lib/types'
import { empty, parse, type Line } from './csv'

export type Order = 'day' | 'month'
export type Why = 'quote' | 'start' | 'future' | 'old' | 'twice' | 'cells'
export type Skipped = { line: number; why: Why; said: string }
/** Read, but not all of it: the attack comes in without this. */
export type Remark = { line: number; what: 'lasted' | 'pain' | 'offset' | 'symptom'; said: string }
export type Found = { line: number; attack: Attack; medicine: string; days: string[] }
export type Report = {
  /** Whether the attacks were found at all. */
  known: boolean
  found: Found[]
  skipped: Skipped[]
  remarks: Remark[]
  /** Columns nobody here knows, and in how many lines they say something. */
  unknown: { name: string; count: number }[]
  /** Lines of other parts of the file, which hold no attacks. */
  other: number
  /** A date that can be read in two ways, when nothing in the file tells which. */
  ask: string
}

/** Kept as words, below each other. `Geohash` and the place are left out on purpose: nobody here needs to know where somebody was. */
const IN_WORDS = ['Attack Types', 'Affected Activities', 'Potential Triggers', 'Most Bothersome Symptom', 'Premonitory Symptoms', 'Pain Positions', 'Helpful Medication'] as const
const KNOWN = ['#', 'Started', 'Lasted', 'Start UTC Offset (min)', 'End UTC Offset (min)', 'Geohash', 'Attack Location', 'Pain Level', 'Symptoms', ...IN_WORDS]

/** Words that mean one field and nothing else. */
const SYMPTOMS: Record<string, keyof Attack> = {
  nausea: 'nausea', vomiting: 'vomiting', 'sensitivity to light': 'photophobia', 'sensitivity to noise': 'phonophobia', 'sensitivity to sound': 'phonophobia',
  'neck pain': 'neck_pain', 'throbbing pain': 'pulsating', 'pulsating pain': 'pulsating', 'pounding pain': 'pulsating', 'worse if moving': 'worse_with_activity',
  'one sided pain': 'unilateral', 'one-sided pain': 'unilateral',
}
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

const key = (name: string) => name.toLowerCase().replace(/\s+/g, ' ').trim()
/** Between the cells, as the names of the columns tell: the app's own first. */
const BETWEEN = [',', ';', '\t']
const isHead = ({ cells }: Line) => ['started', 'lasted'].every(name => cells.some(c => key(c) === name))

export function read(text: string, patient: string, now = Date.now(), order?: Order): Report {
  const { rows, open } = BETWEEN.map(mark => parse(text, mark)).find(({ rows }) => rows.some(isHead)) ?? parse(text)
  const report: Report = { known: false, found: [], skipped: [], remarks: [], unknown: [], other: 0, ask: '' }
  const start = rows.findIndex(isHead)
  if (start < 0) return { ...report, other: rows.filter(r => !empty(r)).length }
  const gap = rows.findIndex((r, i) => i > start && empty(r))
  const body = rows.slice(start + 1, gap < 0 ? undefined : gap)
  const outside = [...rows.slice(0, start), ...(gap < 0 ? [] : rows.slice(gap))]
  const head = rows[start]!.cells
  const at = (name: string) => head.findIndex(c => key(c) === key(name))
  const cell = (row: Line, name: string) => row.cells[at(name)] ?? ''

  report.known = true
  report.other = outside.filter(r => !empty(r)).length
  report.unknown = head.flatMap((name, i) => (KNOWN.some(k => key(k) === key(name)) ? [] : [{ name: name || `(${i + 1})`, count: body.filter(r => r.cells[i]).length }]))
  const way = order ?? orderOf(body.map(r => cell(r, 'Started')))
  if (!way) return { ...report, ask: body.map(r => cell(r, 'Started')).find(s => SLASHED.test(s)) ?? '' }

  const ids = new Set<string>()
  for (const row of body) {
    const remarks: Remark[] = []
    const started = cell(row, 'Started')
    const wall = wallClock(started, way)
    const found = wall === null ? null : attackOf(row.line, wall, name => cell(row, name), patient, now, (what, said) => remarks.push({ line: row.line, what, said }))
    const why = open && row === rows.at(-1) ? 'quote' : row.cells.slice(head.length).some(Boolean) ? 'cells' : found ? unlikely(found, now, ids) : 'start'
    if (why || !found) report.skipped.push({ line: row.line, why: why || 'start', said: started })
    else {
      ids.add(found.attack.id)
      report.found.push(found)
      report.remarks.push(...remarks)
    }
  }
  return report
}

function unlikely({ attack }: Found, now: number, ids: ReadonlySet<string>): Why | '' {
  const began = instant(attack.started_at)
  return began > now ? 'future' : began < Date.UTC(1980, 0) ? 'old' : ids.has(attack.id) ? 'twice' : ''
}

function attackOf(line: number, wall: number, cell: (name: string) => string, patient: string, now: number, remark: (what: Remark['what'], said: string) => void): Found {
  const zone = cell('Start UTC Offset (min)')
  if (!isOffset(zone)) remark('offset', zone)
  const east = offsetOf(zone, wall)
  const began = wall - east * 60_000
  const lasted = minutesOf(cell('Lasted'))
  const until = lasted === null ? null : began + lasted * 60_000
  if (lasted === null || until! > now) remark('lasted', cell('Lasted'))
  const ended = until !== null && until <= now ? until : null
  const eastThen = isOffset(cell('End UTC Offset (min)')) ? Number(cell('End UTC Offset (min)')) : east
  const pain = painOf(cell('Pain Level'))
  if (pain === null && cell('Pain Level')) remark('pain', cell('Pain Level'))
  const [signs, words] = signsOf(cell('Symptoms'))
  if (words.length) remark('symptom', words.join(', '))
  const attack: Attack = {
    id: idFrom(`${patient} ${began}`), patient, started_at: stamp(began), started_offset: east, ended_at: ended === null ? '' : stamp(ended), ended_offset: ended === null ? null : eastThen,
    end_known: ended === null ? 'unknown' : 'exact', tz: '', peak_nrs: pain, unilateral: null, pulsating: null, worse_with_activity: null, nausea: null, vomiting: null, photophobia: null,
    phonophobia: null, neck_pain: null, aura: null, aura_minutes: null, pain_absent: null, places: '', ...signs, note: noteOf(words, cell),
    entered_at: stamp(now), entered_offset: offsetHere(now), source: 'import',
  }
  // where the person was then, not where this phone is now
  const date = (instant: number, offset: number) => new Date(instant + offset * 60_000).toISOString().slice(0, 10)
  const days = ended === null ? [date(began, east)] : [...new Set([date(began, east), date(Math.max(began, ended - 1), eastThen)])]
  return { line, attack, medicine: cell('Helpful Medication'), days }
}

const noteOf = (words: string[], cell: (name: string) => string) =>
  ['Migraine Buddy', ...(words.length ? [`Symptoms: ${words.join(', ')}`] : []), ...IN_WORDS.flatMap(name => (cell(name) ? [`${name}: ${cell(name)}`] : []))].join('\n').slice(0, 4900)

function signsOf(text: string): [Partial<Attack>, string[]] {
  const words = text.split(/[,;\n]/).map(w => w.trim()).filter(Boolean)
  const signs = words.flatMap(w => (SYMPTOMS[w.toLowerCase()] ? [[SYMPTOMS[w.toLowerCase()], true]] : []))
  return [Object.fromEntries(signs), words.filter(w => !SYMPTOMS[w.toLowerCase()])]
}

const painOf = (text: string) => (/^(10|\d)(\s*\/\s*10)?$/.test(text) ? parseInt(text, 10) : null)

const isOffset = (text: string) => /^[+-]?\d{1,3}$/.test(text) && Number(text) >= -720 && Number(text) <= 840
/** Minutes east of UTC; where the file does not say, this phone's at that time. */
const offsetOf = (text: string, wall: number) => (isOffset(text) ? Number(text) : offsetHere(wall + new Date(wall).getTimezoneOffset() * 60_000))

/** `4h 30m`, `1 day 2 hours`, `04:30`; null for anything else, and for more than a month. */
export function minutesOf(text: string) {
  const clock = /^(\d{1,3}):([0-5]\d)(?::[0-5]\d)?$/.exec(text)
  if (clock) return inMonth(Number(clock[1]) * 60 + Number(clock[2]))
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s*(d(?:ays?)?|h(?:(?:ou)?rs?)?|m(?:in(?:ute)?s?)?)(?![a-z])/gi)]
  if (!parts.length || parts.map(p => p[0]).join('').replace(/\s/g, '') !== text.replace(/(\band\b|[\s,])/gi, '')) return null
  return inMonth(Math.round(parts.reduce((sum, [, n, unit]) => sum + Number(n) * { d: 1440, h: 60, m: 1 }[unit![0]!.toLowerCase() as 'd'], 0)))
}
const inMonth = (minutes: number) => (minutes <= 31 * 1440 ? minutes : null)

const SLASHED = /^(\d{1,2})[/.](\d{1,2})[/.](\d{4})\b/

/** Which of two numbers is the month, as far as the whole file tells; null when it does not. */
export function orderOf(dates: string[]): Order | null {
  const pairs = dates.flatMap(s => (SLASHED.exec(s) ? [SLASHED.exec(s)!] : []))
  const [first, second] = [pairs.some(p => Number(p[1]) > 12), pairs.some(p => Number(p[2]) > 12)]
  return !pairs.length || (first && !second) ? 'day' : second && !first ? 'month' : null
}

/** The time on the wall, as milliseconds as if that were UTC. */
export function wallClock(text: string, order: Order) {
  const words = text.replace(/^[a-z]{3,9},?\s+/i, '') // without its weekday
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T\s,]+(.*))?$/.exec(text)
  if (iso) return instantOf(Number(iso[1]), Number(iso[2]), Number(iso[3]), iso[4])
  const slashed = /^(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?:[\s,]+(.*))?$/.exec(text)
  if (slashed) {
    const [a, b] = [Number(slashed[1]), Number(slashed[2])]
    return order === 'day' ? instantOf(Number(slashed[3]), b, a, slashed[4]) : instantOf(Number(slashed[3]), a, b, slashed[4])
  }
  for (const said of [text, words]) {
    const dayFirst = /^(\d{1,2})\s+([a-z]{3,9})\.?,?\s+(\d{4})(?:[\s,]+(?:at\s+)?(.*))?$/i.exec(said)
    if (dayFirst) return instantOf(Number(dayFirst[3]), monthOf(dayFirst[2]!), Number(dayFirst[1]), dayFirst[4])
    const monthFirst = /^([a-z]{3,9})\.?\s+(\d{1,2}),?\s+(\d{4})(?:[\s,]+(?:at\s+)?(.*))?$/i.exec(said)
    if (monthFirst) return instantOf(Number(monthFirst[3]), monthOf(monthFirst[1]!), Number(monthFirst[2]), monthFirst[4])
  }
  return null
}

const monthOf = (name: string) => MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1

/** A day without an hour is no start of an attack: nobody knows when it began. */
function instantOf(year: number, month: number, date: number, clock = '') {
  const said = /^(\d{1,2}):([0-5]\d)(?::([0-5]\d)(?:\.\d+)?)?\s*([ap])?\.?\s*(?:m\.?)?$/i.exec(clock.trim())
  if (!said) return null
  const half = said[4]?.toLowerCase()
  const hour = Number(said[1])
  if (half ? hour < 1 || hour > 12 : hour > 23) return null
  const at = Date.UTC(year, month - 1, date, half ? (hour % 12) + (half === 'p' ? 12 : 0) : hour, Number(said[2]), Number(said[3] ?? 0))
  const back = new Date(at)
  return back.getUTCMonth() === month - 1 && back.getUTCDate() === date ? at : null
}

/** The same words make the same id on every phone; `mb` first, so that an import can be found and taken out whole. */
export function idFrom(text: string) {
  const parts = [0x811c9dc5, 0x01000193, 0x9e3779b9].map(seed => {
    let hash = seed
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) ^ (hash >>> 15)
    return (hash >>> 0).toString(36).padStart(7, '0').slice(-5)
  })
  return `mb${parts.join('')}`.slice(0, 15)
}
export const ofImport = (row: Pick<Attack, 'id' | 'source'>) => row.source === 'import' && row.id.startsWith('mb')

/** The days on which a medicine was surely taken: the attack lies within one day, and the file names a medicine for it. */
export const medicineDays = (found: readonly Found[]) => [...new Set(found.flatMap(f => (f.medicine && f.days.length === 1 && f.attack.ended_at ? f.days : [])))].sort()

export const dayRow = (patient: string, day: string, attack: Attack): DiaryDay => ({
  id: dayId(patient, day), patient, day, tz: '', headache: null, worst_pain_nrs: null, acute_medicine: true, neck_pain_nrs: null, note: '',
  entered_at: attack.entered_at, entered_offset: attack.entered_offset, source: 'import',
})

// A questionnaire is checked and scored on the phone as on the server (hooks/outcomes): same table, same cases.
import { find, type Instrument, type Item, type Occasion, type Scale } from './table'

export type Answers = Record<string, number | null>
export type Response = {
  id?: string
  instrument: string
  version?: string
  occasion?: Occasion
  /** The day it was finished; '' while it is a draft. */
  on?: string
  finished: boolean
  answers?: Answers | null
  totals?: Answers | null
  words?: Record<string, string> | null
}
export type Fault = { code: string; field: string }
export type Status = 'scored' | 'incomplete' | 'invalid' | 'refused' | 'draft'
export type Score = { scale: string; metric: string; value: number | null; percent: number | null; band: string; place: number; reason: string }
export type Result = { instrument: string; status: Status; scores: Score[]; missing: string[]; broken: Fault[] }

const TINY = 1e-9
const LONGEST = 200

/** What is wrong with a response, as a draft or as a whole. Nothing: it may be stored. */
export function check(r: Response): Fault[] {
  const it = find(r.instrument, r.version)
  if (!it) return [{ code: 'E_INSTRUMENT', field: r.instrument }]
  const broken = [...checkItems(it, r.answers ?? {}), ...checkTotals(it, r.totals ?? {}), ...checkWords(it, r.words ?? {})]
  if (given(r.answers) && given(r.totals)) broken.push({ code: 'E_ANSWER_TWICE', field: 'totals' })
  return broken.length || !r.finished ? broken : tooFew(it, r.answers ?? {})
}

const fault = (code: string, field: string): Fault => ({ code, field })

const checkItems = (it: Instrument, answers: Answers) =>
  Object.entries(answers).flatMap(([id, n]) => {
    const item = it.items.find(i => i.id === id)
    if (!item) return fault('E_ANSWER_ITEM', id)
    return n === null || takes(item, n) ? [] : fault('E_ANSWER_RANGE', id)
  })

export const takes = (item: Item, n: number) =>
  item.values?.length ? item.values.includes(n) : Number.isInteger(n) && n >= item.min && n <= item.max

const checkTotals = (it: Instrument, totals: Answers) =>
  Object.entries(totals).flatMap(([id, n]) => {
    const scale = it.scales.find(s => s.id === id)
    if (!scale || it.rights === 'ships') return fault('E_ANSWER_ITEM', id)
    const fits = n === null || (n >= scale.min && n <= scale.max && (!scale.whole || Number.isInteger(n)))
    return fits ? [] : fault('E_ANSWER_RANGE', id)
  })

const checkWords = (it: Instrument, words: Record<string, string>) =>
  Object.entries(words).flatMap(([id, text]) => {
    if (!it.words || !it.items.some(i => i.id === id)) return fault('E_ANSWER_ITEM', id)
    return [...text].length > LONGEST ? fault('E_ANSWER_RANGE', id) : []
  })

const tooFew = (it: Instrument, answers: Answers) =>
  it.scales.flatMap(s => (answered(s, answers).length < (s.least ?? 0) ? fault('E_ANSWER_FEW', s.id) : []))

const given = (a?: Answers | null) => Object.values(a ?? {}).some(n => n !== null)

const answered = (s: Scale, answers: Answers) => (s.items ?? []).map(id => answers[id] ?? null).filter(n => n !== null)

const REASON: Partial<Record<Status, string>> = { incomplete: 'INCOMPLETE', draft: 'DRAFT', invalid: 'INVALID', refused: 'E_ANSWER_FEW' }

/** What a response says, and why where it says nothing. */
export function score(r: Response): Result {
  const broken = check(r)
  const it = find(r.instrument, r.version)
  if (!it) return { instrument: r.instrument, status: 'invalid', scores: [], missing: [], broken }
  const answers = r.answers ?? {}
  const entered = given(r.totals)
  const missing = entered ? [] : it.items.filter(i => !i.optional && !i.beside && (answers[i.id] ?? null) === null).map(i => i.id)
  const status = statusOf(broken, r.finished, entered || complete(it, answers))
  return { instrument: r.instrument, status, missing, broken, scores: it.scales.map(s => scoreOn(s, r, status, entered)) }
}

function statusOf(broken: Fault[], finished: boolean, whole: boolean): Status {
  if (broken.length === 1 && broken[0]!.code === 'E_ANSWER_FEW') return 'refused'
  if (broken.length) return 'invalid'
  if (!finished) return 'draft'
  return whole ? 'scored' : 'incomplete'
}

const complete = (it: Instrument, answers: Answers) =>
  it.scales.every(s => s.reckon !== 'entered' && (s.items?.length ?? 0) - answered(s, answers).length <= (s.missing ?? 0))

function scoreOn(s: Scale, r: Response, status: Status, entered: boolean): Score {
  const none = { scale: s.id, metric: s.metric, value: null, percent: null, band: '', place: 0, reason: '' }
  if (status !== 'scored') return { ...none, reason: REASON[status] ?? '' }
  const value = entered ? (r.totals?.[s.id] ?? null) : reckon(s, answered(s, r.answers ?? {}))
  if (value === null) return { ...none, reason: 'NOT_ENTERED' }
  return { ...none, ...bandOf(s, value), value, percent: s.percent ? (value * 100) / s.percent : null }
}

export function bandOf(s: Scale, value: number): { band: string; place: number } {
  const place = s.bands.filter(b => value >= b.from - TINY).length
  return { band: s.bands[place - 1]?.name ?? '', place }
}

function reckon(s: Scale, answers: number[]): number {
  const all = s.items?.length ?? 0
  const sum = answers.reduce((total, a) => total + (s.mirror ? s.mirror - a : a), 0)
  if (s.reckon === 'mean') return sum / answers.length
  if (s.reckon === 'stretch') return ((sum - all) * 100) / (all * ((s.mirror ?? 0) - 2))
  return answers.length === all ? sum : (sum / answers.length) * all
}

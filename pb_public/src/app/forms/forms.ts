// What is to be answered now, from the rows on this phone; and the words that a clinic shows by its own right.
import { ask } from '../../lib/api'
import { whatIsDue, type Due } from '../../lib/outcomes/due'
import { responseOf } from '../../lib/outcomes/draft'
import { inside, type Span } from '../../lib/outcomes/span'
import { takes, type Response } from '../../lib/outcomes/score'
import { CALENDAR, find, type Calendar, type Instrument, type Item } from '../../lib/outcomes/table'
import type { Reader } from '../../lib/tables'
import { day, instant } from '../../lib/time'
import type { InstrumentResponse, Plan } from '../../lib/types'
import { language as chosen } from '../language'

export type Asked = Due & { key: string; of: string }
export type Mine = { plans: Plan[]; responses: Response[]; rows: InstrumentResponse[]; shared: boolean }
export const NOTHING: Mine = { plans: [], responses: [], rows: [], shared: true }

export const dayOf = (stamp: string) => (stamp ? day(instant(stamp)) : '')
const alive = <T extends { _deleted?: boolean }>(rows: T[]) => rows.filter(r => !r._deleted)

/** All plans that were not voided, in the server's order: by their first visit, those without one last. */
export const inOrder = (plans: readonly Plan[]) =>
  plans.filter(p => !p._deleted && p.state !== 'voided').sort((a, b) => +!a.start_date - +!b.start_date || a.start_date.localeCompare(b.start_date) || a.id.localeCompare(b.id))

/** The time of the newest plan: no other comes after it. */
export function spanOf(plans: readonly Plan[]): Span {
  const now = plans.at(-1)
  return { after: plans.at(-2)?.closed_on ?? '', start: now?.start_date ?? '', closed: now?.closed_on ?? '', before: '' }
}

export async function mineOf(read: Reader): Promise<Mine> {
  const [plans, rows, consents] = await Promise.all([read.plans.toArray(), read.instrument_responses.toArray(), read.consents.toArray()])
  return {
    plans: inOrder(plans), rows: alive(rows), responses: alive(rows).map(r => responseOf(r, dayOf(r.answered_at))),
    shared: consents.some(c => !c._deleted && c.family === 'questionnaires' && c.state === 'given'),
  }
}

export const dueNow = ({ plans, responses }: Mine, calendar: unknown) => asked(plans, responses, day(), calendarOf(calendar))

/** The clinic's, as it was last told; before that, the usual one. */
export const calendarOf = (told: unknown): Calendar => ({ ...CALENDAR, ...(told as Partial<Calendar> | undefined) })

/** What the newest plan asks. `of` is what the occasion belongs to, so that each has its own row. */
export function asked(plans: readonly Plan[], responses: readonly Response[], today: string, calendar: Calendar): Asked[] {
  const plan = plans.at(-1)
  if (!plan) return []
  const course = { state: plan.state, start: plan.start_date, reviewOn: plan.review_on ?? '', closedOn: plan.closed_on ?? '' }
  return whatIsDue(course, inside(spanOf(plans), responses), today, calendar)
    .filter(d => find(d.instrument))
    .map(d => ({ ...d, key: `${d.instrument}.${d.occasion}.${d.months}`, of: d.months ? `${plan.id}.${d.months}` : plan.id }))
}

export const isWaiting = (d: Due) => d.state === 'due' || d.state === 'overdue'

export const answeredIn = (it: Instrument, r: Pick<Response, 'answers'> | undefined) => it.items.filter(i => (r?.answers?.[i.id] ?? null) !== null).length
export const openIn = (it: Instrument, r: Pick<Response, 'answers'> | undefined) => it.items.filter(i => !i.optional && (r?.answers?.[i.id] ?? null) === null).length

/** Answers to choose from, where there are few enough to show them all. */
export function keysOf(item: Item): number[] {
  if (item.values?.length) return item.values
  return item.max - item.min <= 15 ? Array.from({ length: item.max - item.min + 1 }, (_, i) => item.min + i) : []
}

export const fits = (item: Item, said: string) => said !== '' && takes(item, Number(said))

/** The one total that a person can read off a paper form; none where there are several scales, or the words are here. */
export const totalOf = (it: Instrument) => (it.rights !== 'ships' && it.scales.length === 1 ? it.scales[0] : undefined)

/** A PHQ-4 of 9 or more is looked at the same day (spec §7.1, outcomes.Distress). What is said so far may be enough to know. */
export const distress = (r: Pick<Response, 'instrument' | 'answers'>) =>
  r.instrument === 'phq4' && Object.values(r.answers ?? {}).reduce<number>((sum, n) => sum + (n ?? 0), 0) >= 9

// --- the clinic's own words for a form whose words are somebody's

export type ClinicText = { instrument: string; version: string; language: string; licence: string; asks: string; items: Record<string, string> | null; choices: Record<string, unknown> | null }

const KEPT = 'interictal-forms'
type Kept = { user: string; texts: ClinicText[] }

export function textsKept(user: string): ClinicText[] {
  const kept: Kept | null = JSON.parse(localStorage.getItem(KEPT) ?? 'null')
  return kept?.user === user ? kept.texts : []
}

/** Asked anew when the list is opened; what was last told is kept for when there is no signal. */
export async function fetchTexts(user: string): Promise<ClinicText[]> {
  const { items } = await ask<{ items: ClinicText[] }>('/api/collections/instrument_texts/records?perPage=200')
  localStorage.setItem(KEPT, JSON.stringify({ user, texts: items } satisfies Kept))
  return items
}

/** The language chosen for the app; where it is the phone's too, the phone knows which kind of it. */
export const speaking = (chosen: string, phone: string) => (phone.startsWith(chosen) ? phone : chosen)

/** The clinic's words in the reader's language, else in none that is named. */
export const textFor = (texts: readonly ClinicText[], it: Instrument, language = speaking(chosen, navigator.language)) =>
  texts
    .filter(t => t.instrument === it.id && (!t.version || t.version === it.version))
    .sort((a, b) => near(b.language, language) - near(a.language, language))[0]

const near = (has: string, wants: string) => (has === wants ? 3 : has && wants.startsWith(has.slice(0, 2)) ? 2 : has ? 0 : 1)

/** The words of one answer in the clinic's text: by item and number, or by number for all. */
export function choiceIn(t: ClinicText | undefined, item: string, n: number): string {
  const own = t?.choices?.[item]
  const said = (own as Record<string, string> | undefined)?.[n] ?? t?.choices?.[n]
  return typeof said === 'string' ? said : ''
}

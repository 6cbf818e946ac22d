// The check-in of one day: what is asked, in which order, and what is answered already. At most three questions are asked
// (spec/clinical.md §3.4, D); what else is tracked is offered after them. Well-being is asked once a week, apart (S-41).
import { dayId } from '../lib/id'
import type { Store } from '../lib/store'
import { day as dayOf, daysBefore, instant } from '../lib/time'
import type { DiaryDay, Exposure, Trigger } from '../lib/types'
import { viewBetween } from './writes'
import { dateOf, dosed } from './timeline'

type Read = Parameters<Parameters<Store['write']>[0]>[0]

/** Factors of the catalogue that are a number of the day's own row (hooks/triggers/catalogue.go, `answer`). */
export const ANSWERS = {
  sleep_short: 'sleep_hours', sleep_long: 'sleep_hours', sleep_poor: 'sleep_quality', stress: 'stress', exercise: 'exercise_minutes', meals_skipped: 'meals_skipped',
  water: 'water_glasses', caffeine: 'caffeine_servings', alcohol: 'alcohol_units', neck_pain: 'neck_pain_nrs',
} as const
export type Answer = (typeof ANSWERS)[keyof typeof ANSWERS]
const answerOf = ({ code }: Pick<Trigger, 'code'>): Answer | undefined => (ANSWERS as Record<string, Answer>)[code]

/** Measured by a station and brought in by the clinic: nobody is asked. */
const measured = ({ code }: Pick<Trigger, 'code'>) => code.startsWith('weather_')

export const MOST = 3

export type Question =
  | { key: 'day'; done: boolean; ask: 'both' | 'headache' | 'medicine' }
  | { key: 'neck'; done: boolean }
  | { key: 'met'; done: boolean; triggers: Trigger[] }
  | { key: Exclude<Answer, 'neck_pain_nrs'>; done: boolean; field: Exclude<Answer, 'neck_pain_nrs'> }
  | { key: `own ${string}`; done: boolean; trigger: Trigger }

export type Daily = {
  day: string
  answer: DiaryDay | undefined
  attack: boolean
  dosed: boolean
  tracked: Trigger[]
  exposures: Record<string, Exposure>
  /** Nobody has said it in seven days; never asked of a day that is over. */
  wellbeingDue: boolean
  /** What was said of it before, the newest first. */
  wellbeing: Pick<DiaryDay, 'day' | 'wellbeing'>[]
}

const TREND = 12 * 7 // days of well-being that are shown

export const tracked = (triggers: readonly Trigger[], day: string) =>
  triggers.filter(t => !t._deleted && (!t.track_until || t.track_until >= day)).sort((a, b) => a.name.localeCompare(b.name))

export async function exposuresOn(read: Read, triggers: readonly Trigger[], day: string) {
  const rows = await read.trigger_exposures.bulkGet(triggers.map(t => dayId(t.id, day)))
  return Object.fromEntries(rows.flatMap(e => (e && !e._deleted ? [[e.trigger, e]] : []))) as Record<string, Exposure>
}

export async function dailyOf(read: Read, day: string, now = Date.now()): Promise<Daily> {
  const at = dateOf(day)
  const [view, triggers, days] = await Promise.all([
    viewBetween(read, at, daysBefore(-1, at)), read.triggers.toArray(), read.diary_days.where('day').between(dayOf(daysBefore(TREND, at)), day, true, true).toArray(),
  ])
  const week = dayOf(daysBefore(6, at))
  const well = days.filter(d => !d._deleted && d.wellbeing != null).reverse()
  const mine = tracked(triggers, day)
  const answer = days.find(d => d.day === day && !d._deleted)
  return {
    day, answer, tracked: mine, exposures: await exposuresOn(read, mine, day), dosed: dosed(view, day),
    attack: view.attacks.some(a => a.started_at && instant(a.started_at) < daysBefore(-1, at).getTime()),
    wellbeingDue: day === dayOf(now) && !well.some(d => d.day >= week),
    wellbeing: well,
  }
}

/** All that can be asked of the day, in the order in which it is. */
export function questions({ answer, attack, dosed, tracked, exposures }: Daily): Question[] {
  const headache = attack || answer?.headache != null
  const medicine = dosed || answer?.acute_medicine != null
  const yesNo = tracked.filter(t => t.kind === 'yes_no' && !measured(t))
  const numbers = tracked.filter(t => t.kind === 'number' && !measured(t))
  const fields = [...new Set(numbers.flatMap(t => answerOf(t) ?? []))].filter(f => f !== 'neck_pain_nrs')
  const day: Question = { key: 'day', done: headache && medicine, ask: attack ? 'medicine' : dosed ? 'headache' : answer?.headache != null && !medicine ? 'medicine' : 'both' }
  return [
    ...(attack && dosed ? [] : [day]),
    { key: 'neck', done: answer?.neck_pain_nrs != null },
    ...(yesNo.length ? [{ key: 'met' as const, done: yesNo.every(t => exposures[t.id]?.exposed != null), triggers: yesNo }] : []),
    ...fields.map(field => ({ key: field, field, done: answer?.[field] != null })),
    ...numbers.filter(t => !answerOf(t)).map(t => ({ key: `own ${t.id}` as const, done: exposures[t.id]?.value != null, trigger: t })),
  ]
}

/** How many of the first three are still to answer. */
export const left = (daily: Daily) => questions(daily).slice(0, MOST).filter(q => !q.done).length

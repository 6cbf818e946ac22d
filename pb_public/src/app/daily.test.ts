import 'fake-indexeddb/auto'
import { expect, test } from 'vitest'
import { newId } from '../lib/id'
import { openStore } from '../lib/store'
import { day, daysBefore } from '../lib/time'
import type { DiaryDay, Trigger } from '../lib/types'
import { dailyOf, left, MOST, questions, tracked, type Daily } from './daily'
import { openDiary } from './diary'
import { expose, whole } from './triggers/say'
import { track } from './triggers/triggers'

const ADA = 'adaadaadaadaada'
const trigger = (values: Partial<Trigger>): Trigger => ({ id: newId(), patient: ADA, name: 'Noise', code: '', kind: 'yes_no', unit: '', lag: 1, prodrome_possible: false, track_until: '', note: '', ...values })
const nothing: Daily = { day: '2026-03-02', answer: undefined, attack: false, dosed: false, tracked: [], exposures: {}, wellbeingDue: false, wellbeing: [] }
const asked = (daily: Partial<Daily>) => questions({ ...nothing, ...daily }).filter(q => !q.done).map(q => ('ask' in q ? `${q.key} ${q.ask}` : q.key))
const said = (answer: Partial<DiaryDay>) => ({ answer: answer as DiaryDay })

test.each<[string, Partial<Daily>, string[]]>([
  ['nothing said', {}, ['day both', 'neck']],
  ['all clear was tapped', said({ headache: false }), ['day medicine', 'neck']],
  ['an attack, no dose', { attack: true }, ['day medicine', 'neck']],
  ['a dose and no attack', { dosed: true }, ['day headache', 'neck']],
  ['an attack and a dose', { attack: true, dosed: true }, ['neck']],
  ['zero is an answer', said({ headache: false, acute_medicine: false, neck_pain_nrs: 0 }), []],
  ['what is met is one question, however many', { tracked: [trigger({}), trigger({ code: 'nuts' })] }, ['day both', 'neck', 'met']],
  ['short and long nights are one number', { tracked: [trigger({ code: 'sleep_short', kind: 'number' }), trigger({ code: 'sleep_long', kind: 'number' })] }, ['day both', 'neck', 'sleep_hours']],
  ['neck pain is asked anyway, the weather of nobody', { tracked: [trigger({ code: 'neck_pain', kind: 'number' }), trigger({ code: 'weather_pressure', kind: 'number' })] }, ['day both', 'neck']],
])('%s', (_, daily, questions) => expect(asked(daily)).toEqual(questions))

test('three are asked; what is tracked beyond them is offered', () => {
  const daily = { ...nothing, tracked: [trigger({}), trigger({ code: 'stress', kind: 'number' }), trigger({ name: 'Steps', kind: 'number' })] }
  expect(questions(daily)).toHaveLength(5)
  expect([MOST, left(daily)]).toEqual([3, 3])
  expect(left({ ...daily, ...said({ headache: false, acute_medicine: false, neck_pain_nrs: 1 }) })).toBe(1)
})

test('tracked to its last day and that day too', () => {
  const row = trigger({ track_until: '2026-03-02' })
  expect(['2026-03-01', '2026-03-02', '2026-03-03'].map(d => tracked([row], d).length)).toEqual([1, 1, 0])
})

test('a day on the phone: answered, changed, taken back, and null where nothing is said', async () => {
  const store = openStore(newId())
  const diary = openDiary(store, ADA)
  const today = day()
  const read = () => new Promise<Daily>(done => { const stop = store.watch(r => dailyOf(r, today), d => (done(d), setTimeout(() => stop()))) })
  await store.write(() => [track(ADA, 'stress', 'Stress', '2099-01-01', []), track(ADA, 'nuts', 'Nuts', '2099-01-01', []), track(ADA, '', 'Loud street', '2099-01-01', [])])
  expect((await read()).wellbeingDue).toBe(true)
  await diary.day(day(daysBefore(7)), { wellbeing: 4 })
  expect((await read()).wellbeingDue).toBe(true)
  await diary.day(day(daysBefore(6)), { wellbeing: 7 })
  expect((await read()).wellbeingDue).toBe(false)
  expect((await read()).wellbeing.map(d => d.wellbeing)).toEqual([7, 4])
  await diary.day(today, { headache: false, acute_medicine: false, neck_pain_nrs: 0 })
  const undo = await whole(diary.day(today, { stress: 4 }))
  expect((await read()).answer?.stress).toBe(4)
  await store.write(() => undo)
  expect((await read()).answer?.stress).toBe(null)
  const yesNo = (await read()).tracked.filter(t => t.kind === 'yes_no')
  await expose(store, yesNo.slice(0, 1), today, { exposed: true })
  const none = await expose(store, yesNo.slice(1), today, { exposed: false })
  expect(questions(await read()).filter(q => !q.done).map(q => q.key)).toEqual(['stress'])
  await store.write(() => none)
  expect(questions(await read()).filter(q => !q.done).map(q => q.key)).toEqual(['met', 'stress'])
  await store.erase()
})

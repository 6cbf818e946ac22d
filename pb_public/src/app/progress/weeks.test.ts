import 'fake-indexeddb/auto'
import { expect, test } from 'vitest'
import { newId } from '../../lib/id'
import { openStore } from '../../lib/store'
import { day, daysBefore, stamp } from '../../lib/time'
import { openDiary } from '../diary'
import { besideOf } from './beside'
import { chartsOf, daysExercised, neckOnly, weeksFrom, type Charts } from './weeks'

const noon = (date: string) => new Date(`${date}T12:00`).getTime()

test('weeks go in step with the plan’s first day, and only whole ones count', () => {
  const { starts, based } = weeksFrom('2026-10-25', noon('2026-11-20'))
  expect(starts).toEqual(['2026-09-27', '2026-10-04', '2026-10-11', '2026-10-18', '2026-10-25', '2026-11-01', '2026-11-08'])
  expect(starts.filter(based)).toEqual(['2026-09-27', '2026-10-04', '2026-10-11', '2026-10-18'])
})

test('a long time shows its last sixteen weeks; without a plan they end yesterday', () => {
  const long = weeksFrom('2025-01-05', noon('2026-11-20'))
  expect([long.starts.length, long.starts.filter(long.based).length]).toEqual([16, 0])
  const none = weeksFrom('', noon('2026-11-20'))
  expect([none.starts.at(-1), none.starts.filter(none.based)]).toEqual(['2026-11-13', []])
})

test.each([
  [{ recorded: true, headache: true }, 5, false], [{ recorded: true, headache: false }, 3, true], [{ recorded: true, headache: false }, 0, false],
  [{ recorded: true, headache: false }, null, null], [{ recorded: true, headache: null }, 4, null], [{ recorded: true, headache: null }, 0, false], [{ recorded: false, headache: null }, 4, null],
] as const)('neck pain with no headache: %o with %s is %s', (d, neck, want) => expect(neckOnly(d, neck)).toBe(want))

test('a day with a log that says why not is no day of exercise, and no day held against anybody before the first log', () => {
  const log = (date: string, skipped: '' | 'tired') => ({ done_at: stamp(noon(date)), skipped, tz: '' })
  const { first, days } = daysExercised([log('2026-11-03', ''), log('2026-11-02', 'tired')])
  expect([first, [...days]]).toEqual(['2026-11-02', ['2026-11-03']])
})

test('what is noted on this phone is on the chart at once; days nobody noted are not zero', async () => {
  const store = openStore(newId(), 'patient')
  const diary = openDiary(store, 'adaadaadaadaada')
  const at = (n: number) => day(daysBefore(n))
  for (const n of [1, 2, 3, 4, 5]) await diary.day(at(n), { headache: n === 2, acute_medicine: n === 2 ? true : n === 3 ? false : null, neck_pain_nrs: n < 5 ? 2 : null })
  for (const n of [9, 10]) await diary.day(at(n), { headache: true })
  const charts = await new Promise<Charts>(done => {
    const stop = store.watch(read => chartsOf(read, Date.now()), found => (done(found), setTimeout(() => stop())))
  })
  const [last, before] = [charts.headache.points.at(-1)!, charts.headache.points.at(-2)!]
  expect([last.noted, last.days, last.value]).toEqual([5, 1, 1.4])
  expect([before.noted, before.value]).toEqual([2, null])
  expect([charts.acute.points.at(-1)!.noted, charts.acute.points.at(-1)!.value]).toEqual([2, null])
  expect(charts.neck.points.at(-1)).toMatchObject({ noted: 4, days: 3, value: null })
  expect(charts.exercise.points.every(p => p.noted === 0)).toBe(true)
  store.close()
})

test('the neck beside the headache: what has no number is left out', () => {
  const rate = (value: number | null, days: number) => ({ value, days })
  const progress = { windows: [{ window: 'B1', from: '2026-10-01', to: '2026-10-28', mhd28: rate(9, 25), interictalNeckDays28: rate(null, 3) }], responder: { base: '', now: '' }, numbers: { headacheDays: { now: null } } }
  const { windows, tests } = besideOf(progress, {
    instruments: [{ id: 'ndi', points: [{ on: '2026-10-01', scores: [{ scale: 'total', value: 18 }] }, { on: '', scores: [{ scale: 'total', value: null }] }] }],
    examination: { tests: [{ type: 'flexion_rotation', side: 'left', points: [{ on: '2026-10-01', value: 31 }] }, { type: 'posture', side: '', points: [{ on: '2026-10-01', value: null }] }] },
  })
  expect(windows).toEqual([{ from: '2026-10-01', headache: rate(9, 25), neck: rate(null, 3) }])
  expect(tests.map(t => [t.name, t.side, t.points.length])).toEqual([['ndi', '', 1], ['turn', 'left', 1]])
})

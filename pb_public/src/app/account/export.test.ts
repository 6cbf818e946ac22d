import { expect, test } from 'vitest'
import type { Attack, DiaryDay, Reading } from '../../lib/types'
import { attacksCsv, csv, daysCsv, worst } from './export'

test('a comma, a quote, a line break and a formula stay what they are', () => {
  expect(csv([['a,b', 'say "no"', 'one\ntwo', '=SUM(A1)', '-5', '@x', null, false, 3]])).toBe('\uFEFF"a,b","say ""no""","one\ntwo",\'=SUM(A1),\'-5,\'@x,,no,3\r\n')
})
test('days in order, with what was not said left empty', () => {
  const day = (date: string, said: Partial<DiaryDay>) => ({ day: date, headache: null, worst_pain_nrs: null, acute_medicine: null, neck_pain_nrs: null, note: '', ...said }) as DiaryDay
  expect(daysCsv([day('2026-01-02', { headache: false, neck_pain_nrs: 0 }), day('2026-01-01', { note: 'rain, wind' })]).split('\r\n').slice(1, 3)).toEqual([
    '2026-01-01,,,,,,,,,,,,,,"rain, wind"', '2026-01-02,no,,,0,,,,,,,,,,',
  ])
})
test('what the check-in asked is in the file, each in its column', () => {
  const [head, row] = daysCsv([{ day: '2026-01-02', headache: null, worst_pain_nrs: null, acute_medicine: null, neck_pain_nrs: null, sleep_hours: 6.5, wellbeing: 0, note: '' } as DiaryDay]).split('\r\n').map(line => line.split(','))
  expect([row![head!.indexOf('sleep hours')], row![head!.indexOf('well-being 0-10')], row![head!.indexOf('stress 0-10')], row!.length]).toEqual(['6.5', '0', '', head!.length])
})
test('the worst of an attack is the worst anybody said, and nothing when nobody did', () => {
  const attack = { id: 'a', peak_nrs: null } as Attack
  expect([worst(attack, []), worst({ ...attack, peak_nrs: 3 }, [{ attack: 'a', nrs: 6 } as Reading, { attack: 'b', nrs: 9 } as Reading])]).toEqual([null, 6])
})
test('an attack without places, from an older app, has none', () => {
  const row = { id: 'a', started_at: '2026-01-05 14:00:00.000Z', ended_at: '', end_known: 'unknown', peak_nrs: 4, note: '' } as Attack
  expect(attacksCsv([row], [], [], []).split('\r\n')[1]).toMatch(/^2026-01-05 \d\d:00,,unknown,4,,/)
})

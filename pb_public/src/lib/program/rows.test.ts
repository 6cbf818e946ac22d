import { expect, test } from 'vitest'
import { regimen, type Rows } from './rows'
import type { Exercise, ExerciseLog, ExerciseVersion, Plan } from '../types'

const nods = { id: 'nods', attack_ok: false } as Exercise
const version = { exercise: 'nods', version: 1, from: '2026-01-05', dose: { reps: 10, perWeek: 7 }, weekdays: [] as string[], confirmed: true, started_on: '', stopped_on: '' } as unknown as ExerciseVersion
const session = (done_at: string, more: Partial<ExerciseLog> = {}) => ({ exercise: 'nods', done_at, tz: '', skipped: '', ...more }) as ExerciseLog
const plan = (more: Partial<Plan>) => ({ state: 'active', adapted_until: '', pauses: null, ...more }) as Plan
const at = (today: string, more: Partial<Rows> = {}) => regimen({
  exercises: [nods], versions: [version], logs: [], attacks: [], phases: [], headaches: [], plans: [], reports: [], zone: 'America/New_York', today, ...more,
})

test('an attack that goes on makes today an attack day, for three days at most', () => {
  const attacks = [{ started_at: '2026-01-06 20:00:00.000Z', ended_at: '', tz: '' }]
  expect(at('2026-01-07', { attacks }).today().swapped).toEqual([{ item: 'nods', reason: 'ATTACK_DAY' }])
  expect(at('2026-01-10', { attacks }).today().swapped).toEqual([])
})

test('the day of a session is where she was', () => {
  const evening = session('2026-01-06 04:30:00.000Z') // half past eleven in New York, the evening before
  expect(at('2026-01-06', { logs: [evening] }).kept('2026-01-05', '2026-01-05')).toEqual({ prescribed: 1, done: 1, excused: 0 })
  expect(at('2026-01-06', { logs: [{ ...evening, tz: 'Europe/Berlin' }] }).kept('2026-01-05', '2026-01-05')).toEqual({ prescribed: 1, done: 0, excused: 0 })
})

test('a pause for an illness excuses its days, and the way back begins at half', () => {
  const plans = [plan({ pauses: [{ start: '2026-01-06', resume: '2026-01-08', reason: 'illness' }] })]
  expect(at('2026-01-07', { plans }).today().shown[0]).toMatchObject({ halved: true, due: false, reasons: ['PAUSED'] })
  expect(at('2026-01-08', { plans }).today().shown[0]).toMatchObject({ halved: true, due: true, dose: { reps: 5 }, reasons: ['RETURNING'] })
  expect(at('2026-01-09', { plans }).kept('2026-01-05', '2026-01-08')).toEqual({ prescribed: 4, done: 0, excused: 2 })
})

test('a day with a hangover, a day with a headache, a reported illness', () => {
  const phases = [{ phase: 'hangover', from: '2026-01-07 15:00:00.000Z', until: '' }]
  expect(at('2026-01-07', { phases }).today().swapped[0]?.reason).toBe('POSTDROME_DAY')
  expect(at('2026-01-07', { phases, headaches: ['2026-01-07'] }).today().swapped[0]?.reason).toBe('ATTACK_DAY')
  const reports = [{ reason: 'illness', happened_on: '2026-01-05' }]
  expect(at('2026-01-06', { reports, plans: [plan({ adapted_until: '2026-01-07' })] }).today().shown[0]).toMatchObject({ halved: true, reasons: ['ADAPTED'] })
})

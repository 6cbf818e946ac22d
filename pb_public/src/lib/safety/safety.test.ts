import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { asksStill, attackAnswers, signsOf } from './attack'
import { deviceGate, frontOfNeck, type DeviceAsked } from './devices'
import { answered, ASKED, judgeCheck, knownOf, newCheck } from './check'
import type { Attack, DiaryDay, Dose, Reading } from '../types'
import { effectOf, highest, judge, withKnown, type Answers, type Level } from './redflags'

// The tables that hooks/safety's own tests read: one table, two readers.
const read = (file: string) => JSON.parse(readFileSync(new URL(`../../../../hooks/safety/testdata/${file}`, import.meta.url), 'utf8'))

type Story = {
  name: string
  answers?: Answers
  known?: Answers
  attack?: Partial<Record<'now' | 'end' | 'still' | 'seen' | 'clear' | 'peak' | 'aura', number>> & { over?: boolean; sudden?: boolean; aura_usual?: boolean }
  shown: string
  codes: string[]
  asks?: boolean
}

const START = Date.UTC(2026, 0, 5)
const at = (minutes?: number) => (minutes === undefined ? 0 : START + minutes * 60e3)
const signs = (a: NonNullable<Story['attack']>) => ({
  start: START, end: at(a.end), stillAt: at(a.still), seen: at(a.seen), clear: at(a.clear), over: !!a.over,
  sudden: a.sudden, peak_minutes: a.peak, aura_minutes: a.aura, aura_usual: a.aura_usual,
})

describe('the phone gives each story the answer the server gives', () => {
  const stories: Story[] = [...read('vectors.json'), ...read('vignettes.json')]
  test.each(stories)('$name', s => {
    const said = s.attack ? withKnown(s.answers ?? {}, attackAnswers(signs(s.attack))) : (s.answers ?? {})
    const { findings, shown } = judge(withKnown(said, s.known ?? {}))
    expect({ shown, codes: findings.map(f => f.code) }).toEqual({ shown: s.shown, codes: s.codes })
    if (s.asks !== undefined && s.attack?.now !== undefined) expect(asksStill(signs(s.attack), at(s.attack.now))).toBe(s.asks)
  })
})

test('answers out of a hat say the same on both sides', () => {
  for (const { answers, codes, shown, open } of read('parity.json')) {
    const j = judge(answers)
    expect({ codes: j.findings.map(f => f.code), shown: j.shown, open: j.open }, JSON.stringify(answers)).toEqual({ codes, shown, open })
  }
})

test('devices and sites', () => {
  const { devices, sites } = read('devices.json') as { devices: (DeviceAsked & { name: string; found: string[]; missing: string[]; ready: boolean })[]; sites: { site: string; frontOfNeck: boolean }[] }
  for (const { name, found, missing, ready, ...asked } of devices) expect(deviceGate(asked), name).toEqual({ found, missing, ready })
  for (const { site, frontOfNeck: front } of sites) expect(frontOfNeck(site), site).toBe(front)
})

test('every question that a person is asked has words, and every answer stays with the check', async () => {
  const { text } = await import('../../app/text.safety')
  expect(ASKED.map(q => q.id).filter(id => !text.questions[id])).toEqual([])
  expect(Object.keys(text.questions).filter(id => !ASKED.some(q => q.id === id))).toEqual([])
  const fresh = newCheck('anna')
  expect(fresh).toMatchObject({ patient: 'anna', answers: '', shown: 'none', occasion: 'own', source: 'phone' })
  const feverish = answered(answered(fresh, 'fever', true, {}), 'stiff_neck', true, {})
  expect(feverish).toMatchObject({ id: fresh.id, answers: '{"fever":true,"stiff_neck":true}', shown: 'emergency' })
  expect(answered(feverish, 'stiff_neck', null, {})).toMatchObject({ answers: '{"fever":true}', shown: 'none' })
})

test('what the phone knows besides', () => {
  const facts = { id: 'f', patient: 'anna', known_long_aura: true, cancer: null, immune: false, anticoagulant: null, cold_urticaria: null, raynaud: null, cryoglobulinaemia: null, numb_skin: null, due_on: '', gave_birth_on: '' }
  expect(knownOf(undefined, '', '2026-01-10')).toEqual({})
  expect(knownOf(undefined, '1961-01-10', '2026-01-10')).toEqual({ age: 65 })
  expect(knownOf(undefined, '1961-01-11', '2026-01-10')).toEqual({ age: 64 })
  expect(knownOf(facts, '', '2026-01-10')).toEqual({ known_long_aura: true, immune: false })
  expect(knownOf({ ...facts, due_on: '2026-05-30' }, '', '2026-01-10')).toMatchObject({ pregnant: true, pregnancy_weeks: 20 })
  expect(knownOf({ ...facts, due_on: '2026-01-12', gave_birth_on: '2026-01-03' }, '', '2026-01-10')).toEqual({ known_long_aura: true, immune: false, weeks_since_birth: 1 })
  expect(knownOf({ ...facts, due_on: '2026-08-01', gave_birth_on: '2024-01-03' }, '', '2026-01-10')).toMatchObject({ pregnant: true })
  expect(judgeCheck({ new_kind: true }, knownOf(undefined, '1961-01-10', '2026-01-10')).shown).toBe('urgent')
})

test('an entry is read with what was noted under it', () => {
  const attack = { id: 'a', started_at: '2026-01-05 10:00:00.000Z', ended_at: '', end_known: '', sudden: null } as unknown as Attack
  const reading = (attack: string, nrs: number, at: string) => ({ attack, nrs, at }) as Reading
  const none = { readings: [], doses: [], days: [] }
  const late = Date.UTC(2026, 0, 8, 10, 1)
  expect(asksStill(signsOf(attack, none), late)).toBe(true)
  expect(judge(attackAnswers(signsOf(attack, { ...none, readings: [reading('a', 0, '2026-01-08 11:00:00.000Z'), reading('b', 7, '2026-01-08 11:00:00.000Z')] }))).shown).toBe('')
  expect(judge(attackAnswers(signsOf(attack, { ...none, readings: [reading('a', 3, '2026-01-08 11:00:00.000Z')] }))).shown).toBe('urgent')
  const clear = { ...none, doses: [{ attack: 'a', taken_at: '2026-01-09 11:00:00.000Z' } as Dose], days: [{ day: '2026-01-07', headache: false } as DiaryDay] }
  expect(judge(attackAnswers(signsOf(attack, clear))).shown).toBe('')
  const still = signsOf({ ...attack, still_going_at: '2026-01-08 10:01:00.000Z' }, clear)
  expect([judge(attackAnswers(still)).shown, asksStill(still, late)]).toEqual(['urgent', false])
  expect(judge(attackAnswers(signsOf({ ...attack, sudden: true }, none))).shown).toBe('emergency')
})

test('what open alerts stop', () => {
  expect(effectOf([])).toEqual({ plan: false, treatment: false, hands: false, progression: false, exercise: false })
  expect(effectOf(['soon', 'urgent'])).toEqual({ plan: false, treatment: false, hands: true, progression: true, exercise: false })
  expect(Object.values(effectOf(['worklist', 'emergency'])).every(Boolean)).toBe(true)
  expect(highest(['soon', 'worklist'] as Level[])).toBe('soon')
})

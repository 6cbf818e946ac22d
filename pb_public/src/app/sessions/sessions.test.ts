import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import type { Flag, HealthFacts, ModalitySession, NeuromodSession } from '../../lib/types'
import { COLD, targetOf } from '../../lib/safety/devices'
import { goOn, pause } from '../exercises/exercises'
import { coldCues, cueAt, cuesOf, guides, length, MINUTES, type Guide } from './guides'
import { coldGate, newCold, newSession, stopped, toAsk, withAnswer } from './rows'
import { minutesOf, sit } from './sitting'
import { text } from './text'

test('cold: the cases that the server reads too', () => {
  type Case = { name: string; noted: Record<string, Flag>; said: Record<string, Flag>; found: string[]; ask: string[]; unsure: string[]; ready: boolean }
  const { cold } = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../../../hooks/safety/testdata/cold.json'), 'utf8')) as { cold: Case[] }
  for (const { name, noted, said, ...wanted } of cold) expect(coldGate(noted as unknown as HealthFacts, { answers: JSON.stringify(said) }), name).toEqual(wanted)
  expect(coldGate(undefined, undefined).ask).toEqual(COLD.cautions)
})

test('every question and every reason has words', () => {
  const asked = ['upper_arm', 'supraorbital', 'vagus'].map(targetOf).flatMap(t => [...t.never, ...t.ask])
  expect(asked.filter(q => !text.device.questions[q] || !text.device.found[q])).toEqual([])
  expect(COLD.cautions.filter(q => !text.cold.questions[q] || !text.cold.found[q])).toEqual([])
})

test('an answer stays beside the others, and not sure is an answer', () =>
  expect(withAnswer(withAnswer(undefined, 'raynaud', null), 'numb_skin', false)).toBe('{"raynaud":null,"numb_skin":false}'))

test('open alerts stop what is guided: an emergency all of it, an urgent one the current', () => {
  expect([stopped([]), stopped(['urgent']), stopped(['urgent'], true), stopped(['emergency'])]).toEqual([false, false, true, true])
})

test('a guide takes about as long as it says, in whole rounds', () => {
  for (const guide of Object.keys(MINUTES) as Guide[])
    for (const minutes of MINUTES[guide]) expect(Math.abs(length(cuesOf(guide, minutes)) - minutes * 60), `${guide} ${minutes}`).toBeLessThanOrEqual(65)
  const breaths = cuesOf('deep_breathing', 10).filter(c => c.say === 'in').length
  expect(breaths / 10).toBe(6)
  expect(guides(true)).toEqual(['calm']) // nothing is tensed in an attack
  expect(cuesOf('calm', 3).map(c => c.say)).not.toContain('fists')
})

test('which cue is on follows from the seconds alone, through pauses and a reload', () => {
  const cues = cuesOf('deep_breathing', 5)
  const at = (s: number) => cueAt(cues, s).cue?.say
  expect([0, 4.9, 5, 8.9, 9, 14.9, 15].map(at)).toEqual(['settle', 'settle', 'in', 'in', 'out', 'out', 'in'])
  expect(cueAt(cues, 12).left).toBe(3)
  expect(cueAt(cues, length(cues)).cue).toBeNull()
  const begun = sit('relax', 'row', 'calm', 5, 1_000_000)
  const held = pause(begun, 1_090_000)
  expect(minutesOf(held, 305, 9_000_000)).toBe(2) // 90 seconds ran, however long it stood still
  expect(minutesOf(goOn(held, 2_000_000), 305, 2_030_000)).toBe(2)
  expect(minutesOf(JSON.parse(JSON.stringify(begun)), 305, 1_020_000)).toBe(0)
  expect(minutesOf(begun, 305, 99_000_000)).toBe(5) // never more than it is long
})

test('cold is looked at after ten minutes and off after thirty', () => {
  expect(coldCues(30)).toEqual([{ say: 'on', seconds: 600 }, { say: 'skin', seconds: 1200 }])
  expect(coldCues(10)).toEqual([{ say: 'on', seconds: 600 }])
})

test('the effect is asked once it can be told, of the newest, for a day', () => {
  const now = Date.parse('2026-01-10T12:00:00Z')
  const at = (minutes: number) => new Date(now - minutes * 60_000).toISOString()
  const cold = (minutes: number, change: Partial<ModalitySession> = {}) => newCold('anna', { state: 'done', started_at: at(minutes), ...change })
  const device = (minutes: number, change: Partial<NeuromodSession> = {}) => newSession('anna', 'd', { state: 'done', started_at: at(minutes), ...change })
  expect(toAsk([cold(29)], [device(119)], now)).toBeNull()
  expect(toAsk([cold(31)], [], now)?.page).toBe('cold')
  expect(toAsk([cold(300)], [device(121)], now)?.page).toBe('device')
  expect(toAsk([cold(31, { pain_30min: 0 })], [device(121, { pain_2h: 4 })], now)).toBeNull()
  expect(toAsk([cold(31, { state: 'next' })], [device(121, { mode: 'preventive' })], now)).toBeNull() // left, and without an attack
  expect(toAsk([cold(25 * 60)], [], now)).toBeNull()
  // two hours after cold it is asked once more (S-48: before, 30 min, 2 h), and whoever comes late is asked once
  expect(toAsk([cold(119, { pain_30min: 3 })], [], now)).toBeNull()
  expect(toAsk([cold(121, { pain_30min: 3 })], [], now)?.page).toBe('cold')
  expect(toAsk([cold(121, { pain_2h: 3 })], [], now)).toBeNull()
})

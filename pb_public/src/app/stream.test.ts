import { expect, test } from 'vitest'
import type { Attack, Dose, Medication, Phase, Reading } from '../lib/types'
import { NOTHING, type View } from './diary'
import { stream } from './stream'

const at = (minute: number) => `2026-01-05 14:${String(minute).padStart(2, '0')}:00.000Z`
const attack = { id: 'a', started_at: at(0), ended_at: '', end_known: '' } as Attack
const view: View = {
  ...NOTHING,
  readings: [{ id: 'r1', attack: 'a', at: at(5), nrs: 4 }, { id: 'r2', attack: 'another', at: at(6), nrs: 9 }] as Reading[],
  doses: [{ id: 'd1', attack: 'a', medication: 'm', taken_at: at(10), worked: true }, { id: 'd2', attack: 'a', medication: 'gone', taken_at: at(12), worked: null }] as Dose[],
  medications: [{ id: 'm', name: 'Sumatriptan' }] as Medication[],
  phases: [{ id: 'p', attack: 'a', phase: 'fading', from: at(20), until: '' }] as Phase[],
}

test('all of one attack and nothing of another, the newest first', () => {
  expect(stream(view, attack).map(m => m.words)).toEqual(['Fading', 'A drug', 'Sumatriptan, it helped', 'Pain 4 of 10', 'Began'])
})
test('only rows of their own can be taken out: the attack keeps its start and its end', () => {
  const over = { ...attack, ended_at: at(40), end_known: 'slept' } as Attack
  expect(stream(view, over).map(m => [m.key, m.collection ?? ''])).toEqual([
    ['end', ''], ['p', 'attack_phases'], ['d2', 'medication_doses'], ['d1', 'medication_doses'], ['r1', 'attack_readings'], ['start', ''],
  ])
  expect(stream(view, over)[0]?.words).toBe('Slept it off')
})
test('an attack whose end nobody knows has none', () => {
  expect(stream(NOTHING, { ...attack, end_known: 'unknown' }).map(m => m.key)).toEqual(['start'])
})

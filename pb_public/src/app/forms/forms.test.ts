import { expect, test } from 'vitest'
import { find, INSTRUMENTS } from '../../lib/outcomes/table'
import type { Plan } from '../../lib/types'
import { asked, calendarOf, choiceIn, distress, fits, inOrder, keysOf, openIn, speaking, textFor, totalOf, type ClinicText } from './forms'
import { english as text } from './text'

const plan = (id: string, more: Partial<Plan> = {}) => ({ id, state: 'active', start_date: '2026-01-05', closed_on: '', review_on: '', ...more }) as Plan

test('plans stand in the server’s order: voided ones never, those without a first visit last', () => {
  const all = [plan('d', { start_date: '' }), plan('b', { start_date: '2026-03-01' }), plan('v', { state: 'voided' }), plan('a')]
  expect(inOrder(all).map(p => p.id)).toEqual(['a', 'b', 'd'])
})

test('each occasion has a row of its own, by its plan and the months after', () => {
  const closed = plan('closedplan', { state: 'completed', closed_on: '2026-03-01' })
  const due = asked([closed], [], '2026-06-01', calendarOf(undefined))
  const midas = due.filter(d => d.instrument === 'midas').map(d => [d.key, d.of])
  expect(midas).toEqual([['midas.start.0', 'closedplan'], ['midas.followup.3', 'closedplan.3'], ['midas.followup.6', 'closedplan.6'], ['midas.followup.12', 'closedplan.12']])
  expect(due.find(d => d.key === 'midas.followup.3')?.state).toBe('due')
})

test('an answer to the plan before is none to this one', () => {
  const before = plan('before', { state: 'completed', start_date: '2025-01-05', closed_on: '2025-03-01' })
  const old = { id: 'x', instrument: 'hit6', occasion: 'start' as const, on: '2025-01-05', finished: true, totals: { total: 60 } }
  const due = (plans: Plan[]) => asked(plans, [old], '2026-01-06', calendarOf(undefined)).find(d => d.key === 'hit6.start.0')?.state
  expect([due([before, plan('now')]), due([plan('now')])]).toEqual(['due', 'done'])
})

test('the clinic’s own calendar stands over the usual one', () => {
  const k = calendarOf({ ask: { start: ['ndi'] }, startIn: 21 })
  expect([k.ask.start, k.ask.end, k.startIn, k.endIn]).toEqual([['ndi'], undefined, 21, 14])
})

test('a review is asked once the server has said on which day', () => {
  const states = (review_on: string) => asked([plan('p', { review_on })], [], '2026-02-02', calendarOf(undefined)).filter(d => d.occasion === 'review').map(d => d.state)
  expect([...new Set(states(''))]).toEqual(['not_yet'])
  expect([...new Set(states('2026-02-02'))]).toEqual(['due'])
})

test('few answers are keys, many are typed', () => {
  const item = (id: string, q = 'q1') => find(id)!.items.find(i => i.id === q)!
  expect(keysOf(item('hit6'))).toEqual([6, 8, 10, 11, 13])
  expect(keysOf(item('groc'))).toHaveLength(15)
  expect(keysOf(item('midas'))).toEqual([])
  expect([fits(item('midas'), '92'), fits(item('midas'), '93'), fits(item('midas'), ''), fits(item('midas'), '1.5')]).toEqual([true, false, false, false])
})

test('a total can be typed where a paper form has one', () => {
  expect(INSTRUMENTS.filter(totalOf).map(i => i.id)).toEqual(expect.arrayContaining(['midas', 'hit6', 'ndi', 'asc12', 'csi', 'isi']))
  expect([totalOf(find('msq')!), totalOf(find('phq4')!)]).toEqual([undefined, undefined])
})

test.each([[[3, 3, 3, 0], true], [[3, 3, 2, 0], false], [[3, 3, 3, null], true], [[3, 3, 2, null], false], [[2, 2, 2, 3], true]])('mood and worry %j: somebody is named to call: %s', (said, want) => {
  const answers = Object.fromEntries(said.map((n, i) => [`q${i + 1}`, n]))
  expect(distress({ instrument: 'phq4', answers })).toBe(want)
})

test('what is optional is not open', () => {
  expect(openIn(find('midas')!, { answers: { q1: 1, q2: 0, q3: null } })).toBe(3)
  expect(openIn(find('midas')!, undefined)).toBe(5)
})

test('a clinic’s words come in the reader’s language, choices by item or for all', () => {
  const of = (language: string, more = {}): ClinicText => ({ instrument: 'hit6', version: '', language, licence: 'ours', asks: '', items: { q1: language }, choices: null, ...more })
  const hit6 = find('hit6')!
  expect(textFor([of(''), of('es'), of('en')], hit6, 'en-GB')?.language).toBe('en')
  expect(textFor([of('es'), of('')], hit6, 'en-GB')?.language).toBe('')
  expect(textFor([of('es', { version: '9' })], hit6, 'es')).toBeUndefined()
  expect([choiceIn(of('', { choices: { 6: 'Not once' } }), 'q1', 6), choiceIn(of('', { choices: { q1: { 6: 'No' } } }), 'q1', 6), choiceIn(undefined, 'q1', 6)]).toEqual(['Not once', 'No', ''])
})

test('the words here are the server’s own where they ship, and every form has a name', () => {
  for (const it of INSTRUMENTS) {
    expect(text.names[it.id], it.id).toBeDefined()
    for (const item of it.items) if (item.text) expect(text.words[it.id]![item.id]).toBe(item.text)
    if (it.id === 'phq4' || it.id === 'groc') expect(text.words[it.id]!.asks).toBe(it.asks)
    for (const c of it.items.flatMap(i => i.choices ?? [])) if (!it.words && it.id !== 'groc') expect(text.choices[c.code], `${it.id} ${c.code}`).toBeDefined()
  }
  for (const c of find('phq4')!.items[0]!.choices!) expect(text.choices[c.code]).toBe(c.text)
})

test('the clinic’s words come in the language that was chosen for the app, in the phone’s own kind of it', () =>
  expect([speaking('en', 'es-MX'), speaking('es', 'es-MX'), speaking('es', 'en-GB')]).toEqual(['en', 'es-MX', 'es']))

import { expect, test } from 'vitest'
import type { CaseloadRow } from '../lib/desk'
import { arrange, carryOver, FILTERS, matches, newAttacks, passes } from './caseload'

const row = (id: string, fields: Partial<CaseloadRow> = {}) =>
  ({ id, name: id, plan: null, openAttack: false, consent: true, silentDays: 0, ending: false, role: 'therapist', alerts: { open: 0, level: '' }, rank: { key: 7, code: 'OK', reason: '' }, ...fields }) as CaseloadRow

test('a list nobody is in takes the new order at once', () => {
  expect(arrange(['a', 'b', 'c'], ['c', 'a', 'b'], false)).toEqual({ order: ['c', 'a', 'b'], moved: 0 })
})
test('under a hand nothing moves, and what waits is counted', () => {
  expect(arrange(['a', 'b', 'c'], ['c', 'a', 'b'], true)).toEqual({ order: ['a', 'b', 'c'], moved: 1 })
  expect(arrange(['a', 'b', 'c', 'd'], ['d', 'c', 'a', 'b'], true).moved).toBe(2)
  expect(arrange(['a', 'b'], ['a', 'b'], true).moved).toBe(0)
})
test('under a hand new patients come last and gone ones leave', () => {
  expect(arrange(['a', 'b'], ['n', 'b'], true)).toEqual({ order: ['b', 'n'], moved: 1 })
})
test('a row that says the same is the same row', () => {
  const [a, b] = [row('a'), row('b')]
  const after = carryOver([a, b], [row('b', { openAttack: true }), row('a')])
  expect(after[0]).toEqual(row('b', { openAttack: true }))
  expect(after[1]).toBe(a)
})
test('the filter looks at name, plan and reason, every word', () => {
  const ada = row('Ada K.', { rank: { key: 6, code: 'SILENT', reason: 'Silent 9 days' } })
  expect(matches(ada, 'silent ada')).toBe(true)
  expect(matches(ada, 'ada paused')).toBe(false)
  expect(matches(ada, '')).toBe(true)
})
test('an attack is news once: by its poke, or when the poke was lost, by the list', () => {
  expect(newAttacks([row('a')], [row('a', { openAttack: true })], ['a'])).toEqual([{ name: 'a', count: 1 }])
  expect(newAttacks([row('a')], [row('a', { openAttack: true })], [])).toEqual([{ name: 'a', count: 1 }])
  expect(newAttacks([row('a', { openAttack: true })], [row('a', { openAttack: true })], [])).toEqual([])
  expect(newAttacks([], [row('a', { openAttack: true })], [])).toEqual([])
})
test('each filter shows what it says', () => {
  const rows = [row('plain', { role: 'assistant' }), row('silent', { silentDays: 5 }), row('new', { silentDays: null }), row('closed', { consent: false, silentDays: null }), row('alert', { alerts: { open: 1, level: 'soon' } }), row('last', { ending: true })]
  const shown = Object.fromEntries(FILTERS.map(f => [f, rows.filter(r => passes(r, f)).map(r => r.id)]))
  expect(shown).toEqual({
    all: ['plain', 'silent', 'new', 'closed', 'alert', 'last'], mine: ['silent', 'new', 'closed', 'alert', 'last'], alerts: ['alert'], ending: ['last'], silent: ['silent', 'new'],
  })
})

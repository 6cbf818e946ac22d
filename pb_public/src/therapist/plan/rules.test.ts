import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Broken, Line } from './plan'
import { differences, linesOf, ruleOf, suggest } from './rules'
import { text } from './text'

const hooks = join(import.meta.dirname, '../../../../hooks')
const read = (path: string) => readFileSync(join(hooks, path), 'utf8')
const found = (source: string, pattern: RegExp) => [...source.matchAll(pattern)].map(m => m[1]!)

// The room's own list (the same constants that hooks/careplan_codes_test.go enumerates), what is said ahead of a check-in, the tasks, and
// what the doors of plans, items and void add.
const room = found(read('careplan/codes.go'), /Code = "([A-Z0-9_]+[A-Z0-9])"/g)
const overridable = ['E_PAUSED', 'E_REVIEW6_DUE', 'E_OVER_PLANNED', 'E_VISIT_LIMIT', 'E_PAST_WINDOW', 'E_CERT_EXPIRED', 'E_PROGRESS_OVERDUE', 'E_NO_PLAN', 'E_PLAN_CLOSED', 'E_DIRECT_ACCESS']
const doors = readdirSync(hooks)
  .filter(f => /^careplan.*\.go$/.test(f) && !f.endsWith('_test.go') && f !== 'careplan_notes.go')
  .flatMap(f => found(read(f), /"(E_[A-Z0-9_]+|VOID_PLAN|CHANGE_REPORTED)"/g))
  .filter(code => !['E_NOT_FOUND', 'E_JSON'].includes(code))
const gates = found(read('safety/manipulation.go') + read('safety/devices.go'), /"(E_(?:MANIP|COLD|MODALITY)[A-Z0-9_]*)"/g)

test('the lists are there to be compared', () => {
  expect(room.length).toBeGreaterThan(55)
  expect(doors).toContain('E_STALE')
  expect(gates).toContain('E_MANIP_CONTRA')
})

test.each([...new Set([...room, ...overridable.map(c => c.replace('E_', 'W_')), ...doors, ...gates])])('%s has a sentence, a source and a step that solves it', code => {
  const rule = ruleOf(code)
  expect(rule, code).toBeDefined()
  expect(typeof rule!.says === 'string' ? rule!.says : rule!.says({})).not.toBe('')
  expect(rule!.source).toMatch(/^\d/)
  expect(rule!.fix).not.toBe('')
  expect(rule!.at).not.toBe('')
})

test('no rule is told of that the server does not know', () => {
  const known = new Set([...room, ...doors, ...gates, 'F_PROGRAM_STUCK'])
  expect(Object.keys(text.rules).filter(code => !known.has(code))).toEqual([])
})

test('what a plan still needs is one line each, each with its own field', () => {
  const missing = found(read('careplan/content.go').split('func (p Plan) missing()')[1]!.split('var missing')[0]!, /\{"([a-z_]+)",/g)
  expect(missing.length).toBe(10)
  const broken: Broken = { code: 'E_PLAN_CONTENT', severity: 'HARD', message: 'The plan still needs: …', params: { missing } }
  const lines = linesOf(broken)
  expect(lines.map(l => l.key)).toEqual(missing.map(m => `E_PLAN_CONTENT${m}`))
  expect(lines.every(l => l.at.includes('.') || l.at === 'headache_diagnoses')).toBe(true)
  expect(lines.every(l => l.says !== '' && l.fix !== '')).toBe(true)
})

test('groups of the panel follow the severity', () => {
  const of = (severity: Broken['severity'], code: string, params = {}) => linesOf({ code, severity, message: 'm', params }).map(l => l.group)
  expect(of('HARD', 'E_NO_CONSENT')).toEqual(['hard'])
  expect(of('OVERRIDE', 'E_READINESS')).toEqual(['reason'])
  expect(of('WARN', 'W_UNADDRESSED_PROBLEM', { problems: ['a', 'b'] })).toEqual(['think', 'think'])
  expect(linesOf({ code: 'E_ITEM_NO_GOAL', severity: 'HARD', message: 'm', params: { items: ['i1'] } }, () => 'Chin nods')[0]).toMatchObject({ at: 'plan_items.i1.goals', says: 'An item serves no goal. Chin nods' })
})

test('two versions are compared line by line', () => {
  const line = (of: string, field: string, value: string): Line => ({ section: 'goals', of, name: of, field, value })
  const before = [line('g1', 'target', '6'), line('g1', 'due', '2026-01-05'), line('g2', 'target', '3')]
  const after = [line('g1', 'target', '5'), line('g1', 'due', '2026-01-05'), line('g3', 'target', '1')]
  expect(differences(before, after).map(d => [d.line.of, d.before, d.after])).toEqual([['g1', '6', '5'], ['g3', '', '1'], ['g2', '3', '']])
  expect(differences(before, before)).toEqual([])
})

test('a goal is suggested as §2.6 says', () => {
  expect(suggest('frequency', 12, false)).toEqual({ metric: 'MHD28', direction: 'lower', target: 6 })
  expect(suggest('frequency', 20, true)!.target).toBe(14)
  expect(suggest('intensity', 1, false)!.target).toBe(0)
  expect(suggest('disability', 40, false)!.target).toBe(36)
  expect(suggest('quality_of_life', 98, false)!.target).toBe(100)
  expect(suggest('sleep', 4, false)).toBeNull()
})

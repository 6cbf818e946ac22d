import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'
import type { Consent } from '../../lib/types'
import { before, fetchTexts, inForce, isOld, OWN, readIt, textsKept, toRead, type ConsentText } from './consent'

const words = (version: string, more: Partial<ConsentText> = {}): ConsentText => ({ version, body: `The text ${version}.`, retired: false, created: '2027-01-01 09:00:00.000Z', ...more })
const consent = (family: string, version: string, more: Partial<Consent> = {}) =>
  ({ id: family, patient: 'ada', family, state: 'given', version, decided_at: '2026-01-01 09:00:00.000Z', source: 'patient', ...more }) as Consent
const asked = (texts: ConsentText[], ...rows: Consent[]) => toRead(texts, rows)?.version ?? ''

const [second, first] = [words('2027-02'), words('2027-01')]

test('she is asked when a yes of hers names another text than the newest', () => {
  expect(asked([second, first], consent('diary', '2027-01'))).toBe('2027-02')
  expect(asked([first], consent('diary', OWN))).toBe('2027-01')
  expect(asked([first], consent('diary', ''))).toBe('2027-01') // from before there were texts
  expect(asked([second, first], consent('diary', '2027-02'), consent('messages', '2027-01'))).toBe('2027-02') // one of them is enough
})

test('she is not asked when all that is on was said to it, or nothing is on', () => {
  expect(asked([second, first], consent('diary', '2027-02'), consent('messages', '2027-01', { state: 'withdrawn' }))).toBe('')
  expect(asked([second], consent('diary', '2027-01', { state: 'withdrawn' }))).toBe('')
  expect(asked([second], consent('diary', '2027-01', { _deleted: true }))).toBe('')
  expect(asked([second])).toBe('')
})

test('a retired text is none: where no other is left the app’s own words stand, and nothing is asked', () => {
  const retired = words('2027-02', { retired: true })
  expect(asked([retired, first], consent('diary', '2027-02'))).toBe('2027-01') // the one before is in force again
  expect(asked([retired, first], consent('diary', '2027-01'))).toBe('')
  expect(asked([retired], consent('diary', '2027-02'))).toBe('')
  expect(asked([], consent('diary', '2027-01'))).toBe('')
  expect([inForce([retired]), inForce([]), inForce([second])]).toEqual([OWN, OWN, '2027-02'])
})

test('read: every row of hers names it, and none is turned', () => {
  const rows = [consent('diary', '2027-01'), consent('messages', '2027-01', { state: 'withdrawn' }), consent('exercise', '2027-01', { _deleted: true })]
  expect(readIt(rows, second, '2027-03-01 08:00:00.000Z')).toEqual(
    ['diary', 'messages'].map(id => ({ collection: 'consents', row: { id, version: '2027-02', decided_at: '2027-03-01 08:00:00.000Z', source: 'patient' } })))
  const now = rows.map((r, i) => ({ ...r, ...readIt(rows, second, '')[i]?.row })) as Consent[]
  expect([asked([second, first], ...now), now.map(r => r.state)]).toEqual(['', ['given', 'withdrawn', 'given']])
})

test('what she said yes to before: each text once, its words where the clinic has them, and when she last said so', () => {
  const rows = [consent('diary', '2027-01'), consent('messages', '2027-01', { decided_at: '2027-01-09 09:00:00.000Z' }), consent('medication', OWN), consent('exercise', '2027-02'), consent('questionnaires', 'x', { state: 'withdrawn' })]
  expect(before([second, first], rows, second)).toEqual([{ version: '2027-01', body: 'The text 2027-01.', at: '2027-01-09 09:00:00.000Z' }, { version: OWN, body: '', at: '2026-01-01 09:00:00.000Z' }])
})

test('the name of the app’s own text is the server’s', () =>
  expect(readFileSync(join(import.meta.dirname, '../../../../hooks/consent_texts.go'), 'utf8')).toContain(`const consentVersion = "${OWN}"`))

beforeEach(() => {
  const kept = new Map<string, string>()
  vi.stubGlobal('localStorage', { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => kept.set(k, v), removeItem: (k: string) => kept.delete(k) })
})

test('the texts are kept for one account, and asked for once a day', async () => {
  vi.stubGlobal('fetch', async () => new Response(JSON.stringify({ items: [second, first] })))
  expect([textsKept('ada'), isOld('ada', 5)]).toEqual([null, true])
  await fetchTexts('ada', 1_000)
  expect(textsKept('ada')).toEqual([second, first])
  expect([isOld('ada', 1_000 + 86_399_999), isOld('ada', 1_000 + 86_400_000), isOld('ada', 500)]).toEqual([false, true, true]) // a clock that was set back asks again
  expect([textsKept('ben'), isOld('ben', 1_000)]).toEqual([null, true])
})

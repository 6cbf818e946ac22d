import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { Refused } from '../../lib/api'
import type { Broken } from '../../lib/wire'
import { editable, inputKind, wrongFields } from './needs'
import { english, reasonsOf, whyOf } from './why'
import { text as spanish } from './why.es'

const hooks = (file: string) => readFileSync(resolve(import.meta.dirname, '../../../../hooks', file), 'utf8')
const broken = (code: string, message: string, params = {}): Broken => ({ [code]: { code, severity: 'HARD', message, params } })

test('why something was not taken is said in her own words, with the field by its name; the code stays for the clinic', () => {
  expect(reasonsOf(broken('E_VALUE', 'Needs a number from 0 to 10, or none: neck_pain_nrs.', { field: 'neck_pain_nrs' }))).toEqual(['Neck pain, 0 to 10: this answer does not fit. (E_VALUE)'])
  expect(reasonsOf(broken('E_TIME_FUTURE', 'x', { fields: ['started_at', 'ended_at'] }))).toEqual(['Start, End: this time has not come yet. (E_TIME_FUTURE)'])
  expect(reasonsOf(broken('E_TRIGGER_TWICE', 'x'))).toEqual(['You track this one already. (E_TRIGGER_TWICE)'])
})
test('what has no words here is said in the server’s', () => {
  expect(reasonsOf(broken('E_NEW', 'Something new.'))).toEqual(['Something new. (E_NEW)'])
  expect(reasonsOf(broken('E_VALUE', 'Say who it is for.', { field: 'name_of_nobody' }))).toEqual(['Say who it is for. (E_VALUE)'])
  expect(whyOf(new Refused(422, 'Not now.', {}, null))).toBe('Not now.')
  expect(whyOf(new Refused(422, 'x', broken('E_TEST_RUNNING', 'x'), null))).toBe(english.E_TEST_RUNNING)
  expect(whyOf(new TypeError('no network'))).toBe('')
})
test('every rule about an entry’s form, and about her own forms and factors, has words in both languages', () => {
  const own = [
    ...hooks('entry/entry.go').matchAll(/fault\("(E_[A-Z_]+)"/g), ...hooks('outcomes/answers.go').matchAll(/= "(E_[A-Z_]+)"/g),
    ...hooks('triggers_planned.go').matchAll(/"(E_TEST_[A-Z_]+)"/g), ...hooks('triggers.go').matchAll(/"(E_TRIGGERS?_[A-Z_]+)"/g),
  ].map(m => m[1]!)
  expect(own.length).toBeGreaterThan(15)
  expect(own.filter(code => !english[code] || !spanish[code])).toEqual([])
})
test('a last day that was refused can be put right where it is told', () => {
  const entry = { data: broken('E_END_BEFORE_START', 'x', { field: 'stopped_on' }), row: { id: 'm', stopped_on: '2026-01-01' }, theirs: null }
  expect([wrongFields(entry), inputKind('stopped_on'), editable(entry as never)]).toEqual([['stopped_on'], 'date', true])
  expect(['severity', 'pain_2h', 'wellbeing'].map(inputKind)).toEqual(['number', 'number', 'number'])
})

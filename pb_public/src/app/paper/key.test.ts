import { expect, test } from 'vitest'
import { after, meaning, QUESTIONS, type Question } from './key'

test.each([
  ['y', 'headache', { headache: true }], ['S', 'medicine', { acute_medicine: true }], ['N', 'headache', { headache: false }], ['?', 'headache', { headache: null }], ['7', 'headache', null],
  ['7', 'worst', { worst_pain_nrs: 7 }], ['0', 'worst', { worst_pain_nrs: 0 }], ['x', 'worst', { worst_pain_nrs: 10 }], ['y', 'worst', null], ['Backspace', 'worst', { worst_pain_nrs: null }],
  ['y', 'medicine', { acute_medicine: true }], ['x', 'medicine', null], ['3', 'neck', { neck_pain_nrs: 3 }], ['Backspace', 'headache', { headache: null }], ['Enter', 'neck', null],
] as const)('%s at %s', (key, question, said) => expect(meaning(key, question)).toEqual(said))

test('a day without headache has no worst pain to ask', () => {
  const way = (headache: boolean | null, dosed: boolean) => {
    const asked: Question[] = ['headache']
    for (let q: Question | null = 'headache'; (q = after(q, headache, dosed)); ) asked.push(q)
    return asked
  }
  expect(way(true, false)).toEqual([...QUESTIONS])
  expect(way(false, false)).toEqual(['headache', 'medicine', 'neck'])
  expect(way(true, true)).toEqual(['headache', 'worst', 'neck'])
})

import { expect, test } from 'vitest'
import { text as safety } from './text.safety'
import { text as carer } from './carer/text'
import { text as carerPage } from '../carer/text'
import { text as importing } from './import/text'
import { text as paper } from './paper/text'
import { text } from './text.screens'

const BANNED = /\b(cures?|cured|significant|normal|abnormal|because|due to|caused?|causes|causing|leads? to|thanks to|prevents?|guarantee|safe to|you are safe|days free)\b/i

const EXAMPLES = [0, 1, 5, 59, 60, 150, 3000, ['one', 'two'], { sets: 2, reps: 10, hold_seconds: 5, minutes: null, per_week: 3, rep: 1, set: 2 }]
type Say = (...given: unknown[]) => unknown

/** Every string of the app, functions called with plain examples. */
function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value === 'function') return EXAMPLES.flatMap(x => called(value as Say, x))
  return Object.values(value as object).flatMap(strings)
}
const called = (say: Say, x: unknown) => {
  try {
    return [String(say(x, '09:12', 3, 4))]
  } catch {
    return [] // not made for such an example
  }
}
const all = [...new Set([...strings(text), ...strings(safety), ...[carer, carerPage, importing, paper].flatMap(strings)])]

// T-MED and T-BEFORE-AFTER are the spec's own sentences
test('no banned and no causal words', () => expect(all.filter(s => ![text.attack.tMed, text.progress.caption].includes(s) && BANNED.test(s))).toEqual([]))

function syllables(word: string) {
  const groups = word.toLowerCase().replace(/[^a-z]/g, '').replace(/(?:[^laeiouy]es|[^aeiouylt]ed|[^laeiouy]e)$/, m => m[0]!).match(/[aeiouy]+/g)
  return Math.max(1, groups?.length ?? 1)
}

/** Flesch–Kincaid grade. */
function grade(sentences: string[]) {
  const words = sentences.flatMap(s => s.match(/[A-Za-z’']+/g) ?? [])
  return 0.39 * (words.length / sentences.length) + 11.8 * (words.reduce((n, w) => n + syllables(w), 0) / words.length) - 15.59
}
const sentencesOf = (s: string) => s.split(/[.?!:]+\s*/).filter(x => /[a-z]/i.test(x))

test('patient texts read at grade 6 or below', () => {
  const sentences = all.flatMap(sentencesOf).filter(s => s.split(' ').length > 2)
  expect(grade(sentences)).toBeLessThanOrEqual(6)
})

test('no single sentence is harder than grade 9, but for the names of the emergency services', () => {
  const hard = all.flatMap(sentencesOf).filter(s => s.split(' ').length > 6 && grade([s]) > 9 && !/emergency/.test(s))
  expect(hard).toEqual([])
})

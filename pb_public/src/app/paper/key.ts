// A day of the paper diary, keyed in: which key means what, and what is asked next.
import type { DiaryDay, Flag } from '../../lib/types'

export const QUESTIONS = ['headache', 'worst', 'medicine', 'neck'] as const
export type Question = (typeof QUESTIONS)[number]
export const FIELD = { headache: 'headache', worst: 'worst_pain_nrs', medicine: 'acute_medicine', neck: 'neck_pain_nrs' } as const
const YES_NO: readonly Question[] = ['headache', 'medicine']

/** What a key says about a question; null when it says nothing there. */
export function meaning(key: string, question: Question): Partial<DiaryDay> | null {
  const field = FIELD[question]
  if (key === 'Backspace') return { [field]: null }
  if (YES_NO.includes(question)) {
    const said: Record<string, Flag> = { y: true, s: true, n: false, '?': null } // yes, and sí
    const word = key.toLowerCase()
    return word in said ? { [field]: said[word] } : null
  }
  return /^\d$/.test(key) ? { [field]: Number(key) } : key.toLowerCase() === 'x' ? { [field]: 10 } : null
}

/** The question after this one; null after the last. */
export function after(question: Question, headache: Flag, dosed: boolean): Question | null {
  const next = QUESTIONS[QUESTIONS.indexOf(question) + 1] ?? null
  const passed = (next === 'worst' && headache !== true) || (next === 'medicine' && dosed)
  return next && passed ? after(next, headache, dosed) : next
}

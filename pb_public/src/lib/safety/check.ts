// A person's own check: what is asked, what is known besides, and the row it leaves. The answer is shown at once; the row goes to the
// server when there is a signal, and the server judges the same answers by the same table.
import { newId } from '../id'
import { offset, stamp } from '../time'
import type { HealthFacts, SafetyCheck } from '../types'
import { judge, QUESTIONS, RULES, withKnown, type Answers, type Judgement } from './redflags'

/** Everything that the person herself can say. What the diary or a clinician knows is not asked. */
export const ASKED = QUESTIONS.filter(q => !('known' in q) && !['peak_minutes', 'aura_minutes', 'aura_usual', 'systolic', 'diastolic'].includes(q.id))

const DAY = 86_400_000
const days = (from: string, to: string) => Math.round((Date.parse(to) - Date.parse(from)) / DAY)

/** What is on this phone besides the answers, as it is on a day. */
export function knownOf(facts: HealthFacts | undefined, born: string, day: string): Answers {
  const known: Answers = {}
  if (born && born <= day) known.age = Number(day.slice(0, 4)) - Number(born.slice(0, 4)) - (day.slice(5) < born.slice(5) ? 1 : 0)
  if (!facts) return known
  for (const fact of ['known_long_aura', 'cancer', 'immune', 'anticoagulant'] as const) if (facts[fact] !== null) known[fact] = facts[fact]
  const birth = facts.gave_birth_on && facts.gave_birth_on <= day ? facts.gave_birth_on : ''
  if (birth) known.weeks_since_birth = days(birth, day) / 7
  const left = facts.due_on ? days(day, facts.due_on) : NaN
  const over = birth && days(birth, facts.due_on) < 140 // this birth ended this pregnancy
  if (left <= 280 && left > -21 && !over) Object.assign(known, { pregnant: true, pregnancy_weeks: (280 - left) / 7 })
  return known
}

export const judgeCheck = (answers: Answers, known: Answers): Judgement => judge(withKnown(answers, known))

export const newCheck = (patient: string, attack = ''): SafetyCheck => ({
  id: newId(), patient, attack, asked_at: stamp(), answers: '', rules: RULES, shown: 'none', occasion: attack ? 'attack' : 'own',
  entered_at: stamp(), entered_offset: offset(), source: 'phone',
})

/** The row with one more answer, and what was shown for it; null takes an answer back. */
export function answered(check: SafetyCheck, id: string, said: boolean | number | null, known: Answers): SafetyCheck {
  const { [id]: _, ...others } = saidIn(check)
  const answers: Answers = said === null ? others : { ...others, [id]: said }
  return { ...check, answers: JSON.stringify(answers), shown: judgeCheck(answers, known).shown || 'none' }
}

/** What a check says. */
export const saidIn = (check: SafetyCheck): Answers => JSON.parse(check.answers || '{}')

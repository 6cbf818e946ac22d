// The red flags of spec/clinical.md §7.1 on the phone: the server's own table (hooks/safety/redflags.json), read by the same rules
// as hooks/safety/redflags.go, so that a check says the same with no network.
import table from '../../../../hooks/safety/redflags.json'

export type Level = 'emergency' | 'urgent' | 'soon' | 'worklist'
export const LEVELS: readonly Level[] = ['emergency', 'urgent', 'soon', 'worklist']

export type Finding = { row: string; code: string; level: Level }
/** What a person said, by question. Not said is not in it, or null. */
export type Answers = Record<string, boolean | number | null | undefined>
export type Judgement = { findings: Finding[]; shown: Level | ''; open: string[] }

export const QUESTIONS = table.questions
export const RULES = table.version

/** true, false, or null: nobody knows. */
type Said = boolean | null
const and = (all: Said[]): Said => (all.includes(false) ? false : all.includes(null) ? null : true)
const or = (any: Said[]): Said => (any.includes(true) ? true : any.includes(null) ? null : false)

/** `[not|maybe] question [op number]` */
function holds(condition: string, answers: Answers): Said {
  const words = condition.trim().split(/\s+/)
  const prefix = words[0] === 'not' || words[0] === 'maybe' ? words.shift() : ''
  const said = plain(words, answers)
  return prefix === 'not' ? said !== true : prefix === 'maybe' ? said !== false : said
}

function plain([question, op, number]: string[], answers: Answers): Said {
  const said = answers[question!]
  if (!op) return typeof said === 'boolean' ? said : null
  if (typeof said !== 'number') return null
  const than = Number(number)
  return op === '<' ? said < than : op === '<=' ? said <= than : op === '>' ? said > than : said >= than
}

export const highest = (levels: Level[]): Level | '' => LEVELS.find(level => levels.includes(level)) ?? ''

/** No finding is not safe: `open` lists the rows that wait for an answer. */
export function judge(answers: Answers): Judgement {
  const findings: Finding[] = []
  const open: string[] = []
  for (const { row, code, level, when } of table.rows) {
    const said = and(when.map(clause => or(clause.split('|').map(one => holds(one, answers)))))
    if (said) findings.push({ row, code, level: level as Level })
    if (said === null) open.push(code)
  }
  return { findings, shown: highest(findings.map(f => f.level)), open }
}

/** The answers and what is known besides: a person's yes is never taken back by a record that says no. */
export function withKnown(answers: Answers, known: Answers): Answers {
  const out: Answers = { ...answers }
  for (const [id, value] of Object.entries(known)) if (out[id] == null || (out[id] === false && value === true)) out[id] = value
  return out
}

export type Effect = { plan: boolean; treatment: boolean; hands: boolean; progression: boolean; exercise: boolean }

/** What open alerts stop (§7.2). `exercise`: no exercise and no relaxation is shown. */
export function effectOf(open: Level[]): Effect {
  const emergency = open.includes('emergency')
  const urgent = emergency || open.includes('urgent')
  return { plan: emergency, treatment: emergency, hands: urgent, progression: urgent, exercise: emergency }
}

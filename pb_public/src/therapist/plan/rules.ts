// The rules panel: what the server's dry run has answered, as lines with a sentence, a source and one step that solves each.
import type { Answer, Broken, Line, Row } from './plan'
import { text, type Rule } from './text'

export type Group = 'hard' | 'reason' | 'think' | 'due' | 'fine'
export type RuleLine = { key: string; group: Group; code: string; says: string; source: string; fix: string; at: string; flag?: string }

/** W_PAUSED is E_PAUSED about something that is only being planned. */
export const ruleOf = (code: string): Rule | undefined => text.rules[code] ?? text.rules[code.replace(/^W_/, 'E_')]

const named = (rule: Rule, numbers: Record<string, unknown>) => (typeof rule.says === 'string' ? rule.says : rule.says(numbers))
const list = (value: unknown) => (Array.isArray(value) ? (value as string[]) : [])
/** An id in the place's name is the row that the rule is about. */
const TABLE: Record<string, string> = { E_ITEM_NO_GOAL: 'plan_items', W_UNADDRESSED_PROBLEM: 'problems', E_GOAL_OUTCOME: 'step.goal' }
const PART: Record<string, string> = { E_ITEM_NO_GOAL: 'goals', W_UNADDRESSED_PROBLEM: 'deferred_because' }

/** One line for a rule; one for each part where it names several. */
export function linesOf(broken: Broken, callName: (id: string) => string = id => id): RuleLine[] {
  const { code, severity, params = {} } = broken
  const group: Group = severity === 'HARD' ? 'hard' : severity === 'OVERRIDE' ? 'reason' : 'think'
  const rule = ruleOf(code) ?? { says: broken.message, source: '2', fix: text.rules.E_VALUE!.fix, at: 'plans' }
  const line = (more: Partial<RuleLine>): RuleLine => ({ group, code, says: broken.message || named(rule, params), source: rule.source, fix: rule.fix, at: rule.at, ...more, key: code + (more.key ?? '') })
  if (code === 'E_PLAN_CONTENT') {
    return list(params.missing).map(what => {
      const [says, fix, at] = text.missing[what] ?? [what, rule.fix, rule.at]
      return line({ key: what, says, fix, at })
    })
  }
  if (code === 'E_REGION_GROUP_MISSING') {
    return list(params.missing).map(group => line({ key: group, says: text.regionMissing(wordOf(group)), fix: text.regionFix, at: `impairments.${group}` }))
  }
  const ids = list(params.items ?? params.problems ?? params.goals)
  if (TABLE[code] && ids.length) return ids.map(id => line({ key: id, says: `${named(rule, params)} ${callName(id)}`, at: [TABLE[code], id, PART[code]].filter(Boolean).join('.') }))
  return [line({})]
}

/** Flags that stand and tasks that are open. */
export const dueLines = (flags: Row[], tasks: Row[]): RuleLine[] => [
  ...flags.filter(f => f.state === 'standing').map(f => told(f, 'think' as const, f.id)),
  ...tasks.filter(t => t.state === 'open').map(t => told(t, 'due' as const)),
]
function told(row: Row, group: Group, flag?: string): RuleLine {
  const code = String(row.code)
  const rule = ruleOf(code) ?? { says: code, source: '2', fix: text.actions.go, at: 'actions' }
  const due = row.due ? ` (${String(row.due)})` : ''
  return { key: row.id, group, code, says: named(rule, (row.params ?? {}) as Record<string, unknown>) + due, source: rule.source, fix: rule.fix, at: rule.at, flag }
}

/** A refused dry run tells its warnings twice: once with what refuses it, once about the plan as it is. */
export const once = (lines: RuleLine[]) => [...new Map(lines.map(l => [l.key, l])).values()]

const FINE: Record<string, string[]> = {
  active: ['E_NO_EVALUATION', 'E_NO_REDFLAG_SCREEN', 'E_REDFLAG_OPEN', 'E_PLAN_CONTENT', 'E_REGION_GROUP_MISSING', 'E_ITEM_NO_GOAL', 'E_NO_CONSENT', 'E_PLAN_OVERLAP', 'W_NO_PRESCRIBER', 'W_NECK_BASELINE', 'W_UNADDRESSED_PROBLEM', 'W_NO_EXERCISE'],
  completed: ['E_GOAL_OUTCOME', 'E_READINESS', 'W_UNADDRESSED_PROBLEM', 'W_NO_EXERCISE'],
}

/** What was looked at and stands well. */
export function fineLines(answer: Answer, to: string, date: (day: string) => string, draft: boolean): RuleLine[] {
  const said = new Set([...(answer.broken ?? []), ...answer.warnings].map(b => b.code))
  const fine = (key: string, says: string): RuleLine => ({ key, group: 'fine', code: '', says, source: '', fix: '', at: '' })
  const out = (draft || to !== 'active' ? (FINE[to] ?? []) : []).filter(code => !said.has(code)).map(code => fine(code, text.fine[code]!))
  const { window, plan } = answer
  if (plan.plannedEnd && window.earliest && window.earliest <= plan.plannedEnd && plan.plannedEnd <= window.latest) {
    out.push(fine('window', text.fineWindow(date(plan.plannedEnd), date(window.earliest), date(window.latest))))
  }
  if (plan.plannedVisits >= 6 && plan.plannedVisits <= 10) out.push(fine('visits', text.fineVisits(plan.plannedVisits)))
  return out
}

export const wordOf = (code: string) => text.words[code] ?? code.replaceAll('_', ' ')

export type Difference = { line: Line; before: string; after: string }

/** Two versions, line by line: what was added, removed, or says something else. */
export function differences(before: readonly Line[], after: readonly Line[]): Difference[] {
  const key = (l: Line) => `${l.section} ${l.of} ${l.field}`
  const was = new Map(before.map(l => [key(l), l]))
  const now = new Map(after.map(l => [key(l), l]))
  const changed = after.filter(l => was.get(key(l))?.value !== l.value).map(l => ({ line: l, before: was.get(key(l))?.value ?? '', after: l.value }))
  const gone = before.filter(l => !now.has(key(l))).map(l => ({ line: l, before: l.value, after: '' }))
  return [...changed, ...gone]
}

/** §2.6: what a goal usually aims at, to be edited (the twin of careplan.SuggestGoal). */
export function suggest(domain: string, baseline: number, chronic: boolean): { metric: string; direction: string; target: number } | null {
  if (domain === 'frequency') return { metric: 'MHD28', direction: 'lower', target: Math.round(baseline * (chronic ? 0.7 : 0.5) * 10) / 10 }
  if (domain === 'intensity') return { metric: 'NRS', direction: 'lower', target: Math.max(baseline - 2, 0) }
  if (domain === 'disability') return { metric: 'HIT6', direction: 'lower', target: Math.max(baseline - 6, 36) }
  if (domain === 'quality_of_life') return { metric: 'MSQ_RR', direction: 'higher', target: Math.min(baseline + 5, 100) }
  return null
}

const DAY = 86_400_000
export const plusDays = (day: string, n: number) => new Date(Date.parse(`${day}T00:00Z`) + n * DAY).toISOString().slice(0, 10)
export const daysFrom = (from: string, to: string) => Math.round((Date.parse(`${to}T00:00Z`) - Date.parse(`${from}T00:00Z`)) / DAY)

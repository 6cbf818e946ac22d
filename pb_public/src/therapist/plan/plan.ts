// What the plan-of-care editor asks the server, and how it saves: one field at a time, with the version it was read at.
import { ClientResponseError } from 'pocketbase'
import { pb } from '../../lib/server'

export type Row = { id: string; rev?: string; [field: string]: unknown }
export type Broken = { code: string; severity: 'HARD' | 'OVERRIDE' | 'WARN'; message: string; params?: Record<string, unknown> }
export type Window = { day: number; week: number; pauseDays: number; earliest: string; latest: string; until: string }
export type Papers = { certifyBy: string; certifiedThrough: string; sinceReport: number; reportAfter: number }
export type Pause = { start: string; resume: string; reason: string; begun: boolean; withdrawn: boolean }
export type PlanState = { id: string; state: string; version: number; start: string; signedOn: string; closedOn: string; plannedVisits: number; visitCount: number; plannedEnd: string; adaptedUntil: string; wellnessDue: boolean }
export type Line = { section: string; of: string; name: string; field: string; value: string }
export type Offer = { to: string; name: string; broken: Broken[] }
export type Version = { number: number; version: number; hash: string; cause: string; by: string; at: string; sheet: Line[] }
export type PlanEvent = { kind: string; from: string; to: string; on: string; by: string; reason: string; note: string; version: number }
export type Sheet = { plan: PlanState; asOf: string; hash: string; sheet: Line[]; window: Window; pauses: Pause[]; papers: Papers; offers: Offer[]; versions: Version[]; events: PlanEvent[] }
export type Answer = { outcome: string; plan: PlanState; window: Window; papers: Papers; warnings: Broken[]; broken?: Broken[] }
export type Move = { to: string; [field: string]: unknown }

/** Tables of one plan, and tables of the patient. */
const OF_PLAN = ['problems', 'goals', 'plan_items', 'impairments', 'plan_measures', 'readiness_answers', 'certifications', 'tasks', 'flags']
const OF_PATIENT = ['headache_diagnoses', 'care_team_members', 'referrals', 'visits', 'safety_screens', 'safety_alerts', 'change_reports', 'instrument_responses', 'attack_plans', 'comorbidities']
export const TABLES = [...OF_PLAN, ...OF_PATIENT]
export type Tables = Record<string, Row[]>

const all = (table: string, filter: string, sort = 'created') => pb.collection(table).getFullList<Row>({ filter, sort, skipTotal: true })

export const fetchPatient = (id: string) => pb.collection('patients').getOne<Row>(id)
export const fetchPlans = (patient: string) => all('plans', pb.filter('patient={:patient}', { patient }), '-created')

/** One table, as far as it is about this patient and plan. What the reader has no right to is empty. */
export async function fetchTable(table: string, patient: string, plan: string) {
  try {
    const rows = await all(table, pb.filter('patient={:patient}', { patient }))
    return rows.filter(r => !OF_PLAN.includes(table) || r.plan === plan || (table === 'tasks' && !r.plan) || (table === 'flags' && !r.plan))
  } catch (error) {
    if (error instanceof ClientResponseError && [403, 404].includes(error.status)) return []
    throw error
  }
}

export const fetchSheet = (plan: string): Promise<Sheet> => pb.send(`/api/plans/${plan}/sheet`, {})
const post = <T>(path: string, body: object = {}): Promise<T> => pb.send(path, { method: 'POST', body })
export const check = (plan: string, move: Move) => post<Answer>(`/api/plans/${plan}/check`, move)
export const go = (plan: string, move: Move) => post<Answer>(`/api/plans/${plan}/transitions`, move)
/** Another step of a plan: reviews, goals, acknowledgements, changes, pause/withdraw, void, void/withdraw. */
export const step = (plan: string, what: string, body: object = {}) => post<Answer | null>(`/api/plans/${plan}/${what}`, body)
export const clearFlag = (flag: string, reason: string) => post<null>(`/api/flags/${flag}/clear`, { reason })
export const visitStep = (visit: string, to: string) => post<unknown>(`/api/visits/${visit}/transitions`, { to })

export const create = (table: string, row: object) => pb.collection(table).create<Row>(row)
export const erase = (table: string, id: string) => pb.collection(table).delete(id)

export class Conflict extends Error {
  constructor(readonly now: Row) {
    super('E_STALE')
  }
}

const stale = (problem: unknown) => problem instanceof ClientResponseError && problem.status === 409

const same = (a: unknown, b: unknown) => JSON.stringify(a ?? '') === JSON.stringify(b ?? '')

/**
 * Saves one field. When the row has moved on, but this field says what it said when it was read, the change goes on top; when the field
 * itself was changed by somebody else, both values are shown.
 */
export async function saveField(table: string, row: Row, field: string, value: unknown, seen: unknown): Promise<Row> {
  const send = (rev: string | undefined) => pb.collection(table).update<Row>(row.id, { [field]: value, ...(rev && { rev }) })
  try {
    return await send(row.rev)
  } catch (problem) {
    if (!stale(problem)) throw problem
    const now = await pb.collection(table).getOne<Row>(row.id)
    if (!same(now[field], seen)) throw new Conflict(now)
    return send(now.rev)
  }
}

const turns = new Map<string, Promise<unknown>>()
/** Changes of one row, one after the other: nobody is in conflict with herself. */
export function inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
  const mine = (turns.get(id) ?? Promise.resolve()).then(work, work)
  const over = mine.then(() => {}, () => {}).then(() => void (turns.get(id) === over && turns.delete(id)))
  turns.set(id, over)
  return mine
}

/** What a refusal says, by code. */
export function brokenIn(problem: unknown): Broken[] {
  if (!(problem instanceof ClientResponseError)) return []
  return Object.values((problem.response.data ?? {}) as Record<string, Broken>).filter(b => b.code)
}

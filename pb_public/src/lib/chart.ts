// What the page of one patient asks the server, and what it writes.
import { pb } from './server'
import type { Measure } from './desk'

export type Need = { kind: string; id: string; code: string; level: string; text: string; on: string; late: boolean; count: number; visit?: string }
export type PlanBar = {
  id: string; state: string; version: number; start: string; plannedVisits: number; visitCount: number; plannedEnd: string; closedOn: string; wellnessDue: boolean
  window: { day: number; week: number; pauseDays: number; activeWeek: number; earliest: string; latest: string; until: string }
  visits: { id: string; day: string; kind: string; mode: string; status: string }[]
  pauses: { from: string; to: string; reason: string }[]
}
export type Overview = {
  patient: { id: string; name: string; age: number | null; synthetic: boolean; timezone: string; diagnoses: string[]; referral: string; referrer: string; referredOn: string }
  asOf: string
  notShared: string[]
  plan: PlanBar | null
  needs: Need[]
}

export type TimelineDay = { day: string; recorded: boolean; headache: boolean | null; modSevere: boolean | null; acute: boolean | null; neck: number | null }
export type Timeline = {
  from: string; to: string; profile: string; notShared: string[]
  days: TimelineDay[]
  attacks: { first: string; last: string; hours: number | null }[]
  medicines: { id: string; name: string; class: string; indication: string; from: string; to: string }[]
  devices: { kind: 'device' | 'cold'; mode: string; name: string; day: string; n: number }[]
  visits: PlanBar['visits']
  phases: { plan: string; state: string; from: string; to: string }[]
}

type Worth = { size: number; noise?: boolean; source: string }
type Change = { by: number | null; way: string; verdict: string; reads: string; reason: string; source: string; reached: Worth | null; next: Worth | null }
export type Outcomes = {
  plan: string
  notShared: string[]
  instruments: { id: string; name: string; notice: string; points: { id: string; on: string; occasion: string; status: string; scores: { scale: string; metric: string; value: number | null; band: string; reason: string }[]; changes: (Change & { scale: string })[] }[] }[]
  examination: { tests: { type: string; side: string; site: string; unit: string; points: { id: string; on: string; value: number | null; reason: string; finding: string; change: Change | null }[] }[] }
  inVisits: { on: string; category: string; technique: string; region: string; painBefore: number | null; painAfter: number | null; tensionBefore: number | null; tensionAfter: number | null }[]
  impact: ({ statement: string; activities: { words: string; first: number | null; value: number | null; on: string }[] } & Record<'work' | 'home' | 'social' | 'selfCare', { what: string; instrument: string; unit: string; value: number | null; on: string; reason: string }[]>) | null
  headache: { caption: string; windows: { window: string; from: string; to: string; mhd28: Measure; attacks28: Measure }[] } | null
}

type Part = { yes: number; n: number; percent: number | null; low: number | null; high: number | null }
export type Medication = {
  advice: string
  notShared: string[]
  month: { recordedDays: number; acuteDays: number; reason: string | null; byClass: { class: string; days: number; limit: number | null; source: string; code: string }[] }
  effect: { phase: string; attacksWithDose: number; dosesPerAttack: { value: number | null; n: number }; painFree2h: Part; sustained24h: Part }[]
  medicines: { id: string; name: string; strength: string; indication: string; startedOn: string; stoppedOn: string; prescriber: string }[]
  sideEffects: { medicine: string; effect: string; severity: number | null; stoppedBecause: boolean | null }[]
}

type Share = { done: number; of: number; value: number | null }
export type Program = {
  items: { id: string; name: string; dose: Record<string, number>; halved: boolean; since: string; due: boolean; done: number; version: number }[]
  unconfirmed: { id: string; name: string }[]
  adherence: { from: string; to: string; raw: Share; adjusted: Share; excused: number } | null
  week: { all: { sessions: number; minutes: number | null; timed: number } } | null
  dataDays30: number | null
}

type Rate = { of: number; days: number }
export type Factor = { factor: string; code: string; name: string; lag: number; label: string; words: string[]; exposed: Rate; others: Rate; estimate: { or: number | null; low: number | null; high: number | null } | null }
export type Triggers = { changed: boolean; notShared: string[]; analysis: { id: string; ranAt: string; discussedAt: string | null; patientView: string; result: { state: string; words: string; factors: Factor[] } } | null }

export type Message = { id: string; author_role: string; body: string; created: string; entered_at: string; read_by_therapist: string; read_by_patient: string; read_by_neurologist: string }
export type Goal = { id: string; plan: string; domain: string; metric: string; baseline: number | null; target: number | null; value: number | null; due: string; patient_words: string; horizon: string }
export type Problem = { id: string; plan: string; domain: string; name: string; positive: boolean; deferred_because: string }
export type Item = { id: string; plan: string; name: string; category: string; problems: string[]; goals: string[]; stopped_on: string; analysis: string; factor: string; mechanism: string[] }
export type Finding = { id: string; plan: string; region_group: string; region: string; finding: string; side: string; severity: number; note: string; found_on: string }
export type Besides = { id: string; condition: string; name: string; at_start: string; at_end: string; noted_on: string }
export type Conflict = { id: number; at: string; collection: string; doc: string; user: string; kind: string; detail: Record<string, { base: unknown; lost: unknown; kept: unknown }> }
export type History = {
  lines: { at: string; who: string; as: string; action: string; collection: string; record: string; outcome: string; detail: string }[]
  changes: { collection: string; record: string; deleted: boolean; who: string; at: string; fields: { field: string; before: unknown; after: unknown }[] }[]
}
export type Alert = { id: string; patient: string; name: string; synthetic: boolean; level: string; code: string; text: string; source: string; raisedAt: string }

export type Lesson = { id: string; title: string; assigned_at: string; opened_at: string; taught_back_on: string; said_back: string; said_back_at: string }
export type Ready = { id: string; plan: string; statement: string; answer: 'yes' | 'partly' | 'no'; action: string }
export type ColdAnswers = { on: string; answers: Record<string, boolean | null> }

const of = (patient: string) => `/api/patients/${patient}`
const rows = <T>(collection: string, patient: string, sort: string) => pb.collection(collection).getFullList<T>({ filter: pb.filter('patient={:patient}', { patient }), sort, skipTotal: true })
const post = <T = void>(path: string, body: object = {}): Promise<T> => pb.send(path, { method: 'POST', body })

export const fetchOverview = (patient: string): Promise<Overview> => pb.send(`${of(patient)}/overview`, {})
export const fetchTimeline = (patient: string): Promise<Timeline> => pb.send(`${of(patient)}/timeline`, {})
export const fetchOutcomes = (patient: string): Promise<Outcomes> => pb.send(`${of(patient)}/outcomes`, {})
export const fetchMedication = (patient: string): Promise<Medication> => pb.send(`${of(patient)}/medication`, {})
export const fetchProgram = (patient: string): Promise<Program> => pb.send(`${of(patient)}/program`, {})
export const fetchTriggers = (patient: string): Promise<Triggers> => pb.send(`${of(patient)}/triggers`, {})
export const runTriggers = (patient: string): Promise<Triggers> => post(`${of(patient)}/triggers`)
export const talkedAbout = (analysis: string, patientView: string) => post(`/api/trigger-analyses/${analysis}/discussion`, { patientView })
export const fetchHistory = (patient: string): Promise<History> => pb.send(`${of(patient)}/history`, {})
export const fetchConflicts = (patient: string): Promise<{ conflicts: Conflict[] }> => pb.send('/api/sync/conflicts', { query: { patient } })
export const decide = (conflict: number, take: 'kept' | 'lost') => post(`/api/sync/conflicts/${conflict}/resolve`, { take })
export const fetchMessages = (patient: string) => rows<Message>('care_messages', patient, 'created')
export const sendMessage = (patient: string, body: string) => pb.collection('care_messages').create({ patient, body })
export const readMessage = (id: string) => pb.collection('care_messages').update(id, { read_by_therapist: new Date().toISOString() })
export const fetchGoals = (patient: string) => rows<Goal>('goals', patient, 'due')
export const fetchProblems = (patient: string) => rows<Problem>('problems', patient, 'domain,name')
export const fetchItems = (patient: string) => rows<Item>('plan_items', patient, 'created')
export const fetchFindings = (patient: string) => rows<Finding>('impairments', patient, 'found_on')
export const fetchBesides = (patient: string) => rows<Besides>('comorbidities', patient, 'noted_on')
export const fetchLessons = (patient: string) => rows<Lesson>('education_assignments', patient, 'assigned_at')
export const fetchReady = (patient: string) => rows<Ready>('readiness_answers', patient, 'created')
export const fetchColdAnswers = async (patient: string) => coldOf(await rows<Record<string, unknown>>('cold_screens', patient, 'asked_at'))
/** What she has said before cold at home: the newest answers hold. */
export function coldOf(screens: Record<string, unknown>[]): ColdAnswers | null {
  const last = [...screens].sort((a, b) => String(a.asked_at).localeCompare(String(b.asked_at))).at(-1)
  return last ? { on: String(last.asked_at), answers: JSON.parse(String(last.answers || '{}')) } : null
}
export const closeAlert = (id: string, body: { disposition: string; assessedOn: string; note: string }) => post(`/api/alerts/${id}/close`, body)
export const clearFlag = (id: string, reason: string) => post(`/api/flags/${id}/clear`, { reason })
export const proposal = (id: string, verb: 'accept' | 'hold') => post(`/api/proposals/${id}/${verb}`)
export const fetchAlerts = (): Promise<{ alerts: Alert[] }> => pb.send('/api/alerts', {})

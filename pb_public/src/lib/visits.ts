// What the clinic's pages ask of visits: the schedule, a visit's note, documents. Online, but for a note's draft, which waits (draft.ts).
import { pb } from './server'
import type { Answers } from './safety/redflags'

export type Broken = { code: string; severity: 'HARD' | 'OVERRIDE' | 'WARN' | 'FLAG'; message: string; params?: Record<string, unknown> }
export type Mode = 'in_person' | 'video' | 'phone'
export type VisitNow = { id: string; kind: string; mode: Mode; status: string; scheduledAt?: string; startedAt?: string; endedAt?: string; needsReason?: string[] }

// --- the schedule

export type Scheduled = { id: string; patient: string; practitioner: string; kind: string; mode: Mode; status: string; at: string; note: boolean }
export type Schedule = {
  from: string
  to: string
  minutes: number
  clinic: { id: string; name: string; timezone: string } | null
  me: { id: string; role: string; name: string } | null
  practitioners: { id: string; name: string }[]
  patients: { id: string; name: string; practitioner: string }[]
  visits: Scheduled[]
}
export type Stepped = { visit?: VisitNow; warnings: Broken[]; tasks: { code: string; due: string }[]; flags: { code: string; message: string }[] }

export const fetchSchedule = (from: string): Promise<Schedule> => pb.send('/api/schedule', { query: { from, days: 7 } })
export const makeVisit = (patient: string, wish: { kind?: string; mode: Mode; scheduledAt: string; practitioner?: string }): Promise<Stepped> =>
  pb.send(`/api/patients/${patient}/visits`, { method: 'POST', body: wish })
export type Reason = { code: string; reason: string; text?: string }
export type Step = { to: string; scheduledAt?: string; startedAt?: string; endedAt?: string; attackDay?: boolean; mode?: Mode; overrides?: Reason[] }
export const stepVisit = (visit: string, step: Step): Promise<Stepped> => pb.send(`/api/visits/${visit}/transitions`, { method: 'POST', body: step })

export const answerReasons = (visit: string, overrides: Reason[]): Promise<Stepped> => pb.send(`/api/visits/${visit}/reasons`, { method: 'POST', body: { overrides } })

export type Feed = { id: string; madeAt: string; fetchedAt: string }
export const fetchFeeds = (): Promise<{ feeds: Feed[] }> => pb.send('/api/calendar-feeds', {})
export const makeFeed = (): Promise<{ id: string; url: string }> => pb.send('/api/calendar-feeds', { method: 'POST' })
export const revokeFeed = (id: string): Promise<void> => pb.send(`/api/calendar-feeds/${id}/revoke`, { method: 'POST' })

// --- a visit's note

export type Part = { value: unknown; rev: number; by: string; at?: string }
export type Intervention = { category: string; technique: string; technique_goal: string; region: string; item: string; mechanism: string[]
  tension_before: number | null; tension_after: number | null; pain_before: number | null; pain_after: number | null }
export type Measured = { type: string; side: string; site: string; unit: string; last: number | null; lastOn: string; id: string; value: number | null; rev: number }
export type NotePage = {
  visit: VisitNow
  patient: { id: string; name: string; zone: string }
  plan: { id: string; state: string; week: number } | null
  ahead: { number: number; planned: number; checkIn: Broken[]; tasks: { code: string; due: string }[]; flags: { code: string; message: string }[] }
  since: {
    from: string; to: string; days: number; recordedDays: number | null; headacheDays: number | null; attacks: number | null; drugDays: number | null
    home: { done: number; of: number } | null; pain: { name: string; on: string; before: number; after: number }[]; reports: { kind: 'change' | 'adverse'; what: string; on: string }[]; notShared: string[]
  }
  asks: { id: string; after: string; asks: string }[]
  preScreen: { askedAt: string; said: Answers } | null
  measures: Measured[]
  interventions: { id: string; rev: number; value: Intervention }[]
  items: { id: string; name: string; category: string; dose: string }[]
  proposals: { id: string; name: string; kind: string; variable: string; from: number | null; to: number | null }[]
  next: { scheduled: VisitNow | null; proposed: string; mode: Mode }
  draft: { id: string; parts: Record<string, Part> }
  signed: { id: string; addendum: boolean; signedBy: string; signedAt: string; fields: Record<string, unknown> }[]
  editing: { name: string; part: string; at: string }[]
}
export type Technique = { id: string; code: string; name: string; category: string; technique: string; technique_goal: string; region: string; mechanism: string[]; place: string }

export const fetchNote = (visit: string): Promise<NotePage> => pb.send(`/api/visits/${visit}/note`, {})
export const sendPart = (visit: string, body: { note: string; part: string; value: unknown; rev: number }): Promise<Part> => pb.send(`/api/visits/${visit}/note`, { method: 'POST', body })
export const sayWhere = (visit: string, part: string): Promise<void> => pb.send(`/api/visits/${visit}/note/editing`, { method: 'POST', body: { part } })
export const signNote = (note: string): Promise<void> => pb.send(`/api/notes/${note}/sign`, { method: 'POST' })
export const decideStep = (id: string, verb: 'accept' | 'hold'): Promise<void> => pb.send(`/api/proposals/${id}/${verb}`, { method: 'POST' })
export const fetchTechniques = () => pb.collection('library_items').getFullList<Technique>({ filter: 'retired=false && (place="clinic" || place="device" || category="relaxation" || category="modality_cold")', sort: 'code', skipTotal: true })

// --- documents

export type DocumentPart = { key: string; title: string; lines: string[] }
export type Version = { id: string; version: number; parts: DocumentPart[]; writtenBy: string; writtenAt: string; signedBy: string; signedAt: string }
export type CareDocument = {
  kind: string; plan: string; patient: { id: string; name: string; born: string }; clinic: string; therapist: string; asOf: string; notShared: string[]; draft: DocumentPart[]; versions: Version[]
}
export const fetchDocument = (plan: string, kind: string): Promise<CareDocument> => pb.send(`/api/plans/${plan}/documents/${kind}`, {})
export const keepDocument = (plan: string, kind: string, version: number, parts: DocumentPart[]): Promise<Version> =>
  pb.send(`/api/plans/${plan}/documents/${kind}`, { method: 'POST', body: { version, parts } })
export const signDocument = (id: string): Promise<Version> => pb.send(`/api/documents/${id}/sign`, { method: 'POST' })

/** The broken rules of a refusal, as the server names them. */
export const brokenOf = (problem: unknown): Broken[] => Object.values(((problem as { response?: { data?: Record<string, Broken> } })?.response?.data ?? {}) as Record<string, Broken>).filter(b => b.code)

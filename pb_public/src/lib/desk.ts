// What the clinic's pages ask the server. They work online only.
import { pb } from './server'
import type { Attack, Reading } from './types'

export type Window28 = {
  window: string
  from: string
  to: string
  recordedDays: number
  estimated: boolean
  value: number | null
  reason: string | null
}
export type Week = { from: string; recorded: number; headacheDays: number }

export type CaseloadRow = {
  id: string
  name: string
  synthetic: boolean
  timezone: string
  consent: boolean
  plan: {
    id: string
    state: string
    startDate: string
    plannedVisits: number
    visitCount: number
    ends: string
    week: number
    since: string | null
    wellnessDue: boolean
  } | null
  headacheDays: { base: Window28 | null; now: Window28 | null; noise: number | null; halved: 'likely' | 'probably_not' | 'too_early_to_say' | null }
  weekly: Week[]
  recorded28: number
  silentDays: number | null
  openAttack: boolean
  lastEntryAt: string | null
  /** Home exercises of 28 days without the excused; null: not shared. */
  home: { done: number; of: number; value: number | null } | null
  alerts: { open: number; level: string }
  unread: number | null
  ending: boolean
  role: string
  nextVisit: string | null
  /** Of the next visit, or of one that is going on; empty: none. */
  visit: string
  rank: { key: number; code: string; reason: string }
}

export type Caseload = {
  asOf: string
  practitioner: { id: string; name: string; role: string } | null
  clinic: { id: string; name: string; timezone: string } | null
  order: string
  patients: CaseloadRow[]
}

export type Measure = { value: number | null; days: number; reason: string | null; estimated?: boolean }
export type Progress = {
  zone: string
  profile: string
  anchor: string
  /** Consent families that the patient does not show this reader; their numbers are left out. */
  notShared: string[]
  windows: ({ window: string; from: string; to: string; recordedDays: number; estimated: boolean } & Record<string, Measure>)[]
  numbers: Numbers
  attacks: { now: Ratio; followUps: (Ratio & { months: number })[] }
  neck: Record<'before' | 'on' | 'after' | 'between', NeckPain>
  withAndWithout: Uses[]
}

export type Median = { value: number | null; n: number }
type Sides = { with: Median; without: Median; reason: string | null }
/** Attacks in which something was used, and the others. */
export type Uses = { kind: 'cold' | 'device'; hours: Sides; worstNrs: Sides }

export type Interval = { value: number | null; low: number | null; high: number | null; reason: string | null }
export type Chance = { probability: number | null; words: 'likely' | 'probably_not' | 'too_early_to_say' | null; reason: string | null }
/** A window's attack rate over B1's. */
export type Ratio = { window: string; rate: Measure; ratio: Interval }
/** One window beside B1. */
export type Change = {
  window: string
  rate: Measure
  difference: Interval
  changePercent: { value: number | null; reason: string | null }
  halved: Chance
}
export type RunChart = {
  line: number | null
  weeks: { from: string; base: boolean; recorded: number; headacheDays: number; value: number | null }[]
  signals: { side: 'below' | 'above'; from: string; to: string; points: number }[]
}
type Compared = { base: Measure; now: Change }
export type Numbers = { headacheDays: Compared; migraineDays: Compared; modSevereDays: Compared; runChart: RunChart }
export type NeckPain = { mean: number | null; days: number; pain: number; reason: string | null }

export type Invitation = { id: string; code: string; url: string; qr: { size: number; path: string }; expires: string }

export const fetchCaseload = (): Promise<Caseload> => pb.send('/api/caseload', {})

export const fetchProgress = (patient: string): Promise<Progress> => pb.send(`/api/patients/${patient}/progress`, {})

/** The newest attacks with the worst pain anybody noted for each. */
export async function fetchAttacks(patient: string, count: number) {
  const filter = pb.filter('patient={:patient}', { patient })
  const { items } = await pb.collection('attacks').getList<Attack>(1, count, { filter, sort: '-started_at', skipTotal: true })
  const readings = items.length
    ? await pb.collection('attack_readings').getFullList<Reading>({ filter: `${filter} && at>="${items.at(-1)!.started_at}"`, skipTotal: true })
    : []
  return items.map(attack => {
    const scores = [attack.peak_nrs, ...readings.filter(r => r.attack === attack.id).map(r => r.nrs)].filter(n => typeof n === 'number')
    return { ...attack, worst: scores.length ? Math.max(...scores) : null }
  })
}

export const invite = (patient: string): Promise<Invitation> => pb.send('/api/invitations', { method: 'POST', body: { patient } })

/** A link to the neurologist's page. Its token is in the answer that made it and nowhere else. */
export type ReportShare = { id: string; recipient: string; expires_at: string; revoked_at: string; opened_count: number; opened_at: string }
export type ReportReply = { id: string; kind: string; text: string; signed: string; said_at: string; seen_at: string }

const ofPatient = (patient: string) => ({ filter: pb.filter('patient={:patient}', { patient }), sort: '-created', skipTotal: true })

export const shareReport = (patient: string, wish: { to: string; question: string; words: boolean }): Promise<{ url: string; expires: string }> =>
  pb.send(`/api/patients/${patient}/report/shares`, { method: 'POST', body: wish })
export const fetchShares = (patient: string) => pb.collection('report_shares').getFullList<ReportShare>(ofPatient(patient))
export const fetchReplies = (patient: string) => pb.collection('report_replies').getFullList<ReportReply>(ofPatient(patient))
export type Referral = { id: string; toward: string; referrer: string; reason: string; question: string; sent_at: string; read_at: string; answer: string; answer_text: string; answered_name: string; answered_at: string; answer_read_at: string }
const referrals = () => pb.collection('referrals')
export const fetchReferrals = (patient: string) => referrals().getFullList<Referral>(ofPatient(patient))
export const readReferral = (r: Referral) => referrals().update(r.id, { [r.toward === 'therapist' ? 'read_at' : 'answer_read_at']: new Date().toISOString() })
export const answerReferral = (id: string, answer: string, answer_text: string) => referrals().update(id, { answer, answer_text })
export const refer = (patient: string, reason: string, question: string) => referrals().create({ patient, toward: 'neurologist', reason, question })
export const revokeShare = (id: string): Promise<void> => pb.send(`/api/shares/${id}/revoke`, { method: 'POST' })
export const seeReply = (id: string): Promise<void> => pb.send(`/api/replies/${id}/seen`, { method: 'POST' })

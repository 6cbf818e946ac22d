// What the page asks the server. The token stands behind the # of the address, which no browser sends, and goes into bodies only.

export type Measure = { value: number | null; days: number; reason: string | null; estimated?: boolean }
export type Taken = { value: number; on: string }
export type Fact = { code: string; title: string; text: string; advice: string; reason: string | null }
export type Row = {
  code: string
  label: string
  before: Measure
  now: Measure
  difference: { value: number | null; low: number | null; high: number | null; reason: string | null }
  beyond: boolean | null
}
export type Score = { metric: string; first: Taken; last: Taken | null; note: string }
export type Week = { from: string; recorded: number; headacheDays: number }
export type Bar = { what: string; name: string; from: string; to: string }
export type Section = { code: string; title: string; lines: string[]; advice: string }
export type Page = {
  patient: { name: string; born: string }
  clinic: string
  therapist: string
  asOf: string
  period: { from: string; to: string; recordedDays: number; days: number }
  notShared: string[]
  facts: Fact[]
  table: Row[]
  scores: Score[]
  weeks: Week[]
  bars: Bar[]
  sections: Section[]
  footer: string[]
}
export type Reply = { kind: string; text: string; signed: string; saidAt: string }
export type Opened = { page: Page; to: string; expires: string; replies: Reply[] }

/** What the server said, in its own words; '' when it did not answer. */
export class Refused extends Error {}

export const token = () => location.hash.slice(1)

async function post(path: string, body: object) {
  const answer = await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), cache: 'no-store' }).catch(() => {
    throw new Refused('')
  })
  const said = await answer.json().catch(() => ({}))
  if (!answer.ok) throw new Refused(said.message ?? '')
  return said
}

export const open = (): Promise<Opened> => post('/api/reports/open', { token: token() })
export const reply = (kind: string, text: string, signed: string): Promise<Reply> => post('/api/reports/reply', { token: token(), kind, text, signed })

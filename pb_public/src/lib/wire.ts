// The native exchange, POST /api/sync/exchange (spec/sync.md §0), and what stands beside it.
import type { Collection, Row } from './types'

export type Doc = Row & Record<string, unknown>
export type Position = { epoch: string; seq: number }

export type Request = {
  device: string
  schema: 1
  as: 'patient' | 'staff'
  cursor: Position | null
  ack: Position | null
  limit: number
  /** `seen`, of a deletion: the cursor when the person made it. What came since and would go with the row was never hers to remove. */
  push: { n: number; collection: Collection; base: Doc | null; state: Doc; seen?: Position | null }[]
  /** Patients whose rows this device had to erase, and has erased. */
  erased: string[]
  /** For the clinic's desk: which build this is, and how much is still to be sent after this request. */
  app: string
  waiting: number
}

/** The rules an entry broke, keyed by their code. */
export type Broken = Record<string, { code: string; severity: string; message: string; params?: Record<string, unknown> }>

export type Verdict = {
  n: number
  verdict: 'applied' | 'merged' | 'unchanged' | 'conflict' | 'refused' | 'handedOver'
  doc?: Doc | null
  fields?: unknown
  data?: Broken
  message?: string
}

export type Answer = {
  epoch: string
  ack: Position | null
  serverTime: string
  verdicts: Verdict[]
  changes: { collection: Collection; doc: Doc }[]
  revoked: { patient: string; handedOver: number }[]
  cursor: Position
  more: boolean
}

/** Count and hash of what this device must hold of one collection. */
export type Digest = { count: number; sha256: string }

/** Values that somebody wrote and that did not become the document's. */
export type Conflict = { id: number; at: string; collection: Collection; doc: string; patient: string; kind: string; detail: unknown }
export type Take = 'kept' | 'lost'

export type Remote = (request: Request) => Promise<Answer>

/** Everything the phone asks of the server. */
export type Server = {
  exchange: Remote
  digest: (collection: Collection) => Promise<Digest>
  conflicts: () => Promise<Conflict[]>
  resolve: (id: number, take: Take) => Promise<void>
}

/** The server does not know our position (409 E_SYNC_RESET). */
export class SyncReset extends Error {}

/** The session is over (401). Sending stops, logging does not. */
export class SignedOut extends Error {}

/** More than the server takes at once (413). */
export class TooLarge extends Error {}

/** The server does not speak this app's format any more (426). */
export class OldApp extends Error {}

/** The account is over, or this device is to be erased (410): everything of it goes. */
export class EraseDevice extends Error {}

/** The server is busy or about to stop (429, 503), and says how long to leave it alone. */
export class Busy extends Error {
  constructor(readonly wait: number) {
    super('busy')
  }
}

/** Why something cannot be: in the server's words, and by the rules' codes. */
export type Told = { message: string; data: Broken }

/** What was asked cannot be, in the server's own words and by the rules' codes. */
export class Unwilling extends Error {
  constructor(message: string, readonly data: Broken = {}) {
    super(message)
  }
}

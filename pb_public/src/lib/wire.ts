// The native exchange, POST /api/sync/exchange (spec/sync.md §0).
import type { Collection, Row } from './types'

export type Doc = Row & Record<string, unknown>
export type Position = { epoch: string; seq: number }

export type Request = {
  device: string
  schema: 1
  cursor: Position | null
  ack: Position | null
  limit: number
  push: { n: number; collection: Collection; base: Doc | null; state: Doc }[]
}

/** The rules an entry broke, keyed by their code. */
export type Broken = Record<string, { code: string; severity: string; message: string; params?: unknown }>

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

export type Remote = (request: Request) => Promise<Answer>

/** The server does not know our position (409 E_SYNC_RESET). */
export class SyncReset extends Error {}

/** The session is over (401). Sending stops, logging does not. */
export class SignedOut extends Error {}

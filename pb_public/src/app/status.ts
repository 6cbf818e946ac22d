import type { SyncStatus } from '../lib/outbox'
import { text } from './text'

/** "Up to date" is said only after the server has answered for the last row. */
export function chip({ waiting, refused, held, signedOut, outdated, reached, problem }: SyncStatus) {
  if (signedOut) return text.sync.signedOut
  if (outdated) return text.sync.outdated
  if (waiting) return text.sync.waiting(waiting)
  if (refused) return text.sync.refused(refused)
  if (held) return text.sync.waiting(held)
  return reached && !problem ? text.sync.fresh : text.sync.kept
}

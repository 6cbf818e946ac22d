import type { SyncStatus } from '../lib/sync'
import { text } from './text'

/** "Up to date" is said only after the server has answered for the last row. */
export function chip({ waiting, refused, signedOut, reached, problem }: SyncStatus) {
  if (signedOut) return text.sync.signedOut
  if (waiting) return text.sync.waiting(waiting)
  if (refused) return text.sync.refused(refused)
  return reached && !problem ? text.sync.fresh : text.sync.kept
}

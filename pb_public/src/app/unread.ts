// Messages that wait to be read. No notification carries them: they are a line where the person looks anyway.
import type { Reader } from '../lib/tables'
import type { CareMessage } from '../lib/types'

/** Her own has no role until the server has taken it. */
export const isMine = (m: Pick<CareMessage, 'author_role'>) => m.author_role === '' || m.author_role === 'patient'
export const isUnread = (m: CareMessage) => !m._deleted && !isMine(m) && !m.read_by_patient

export const unread = async (read: Reader) => (await read.care_messages.toArray()).filter(isUnread).length

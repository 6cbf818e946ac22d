// The clinic's texts and her own rows, wherever it is said that there is something to read.
import { live } from '../../lib/live.svelte'
import type { Consent } from '../../lib/types'
import type { Session } from '../session.svelte'
import { fetchTexts, isOld, textsKept, toRead, type ConsentText } from './consent'

/** Asked for when the app has synced, once a day; `now` where the person looks at them. */
export function asking(session: Session, now = false) {
  let texts: ConsentText[] | null = $state.raw(textsKept(session.user.id))
  const rows = live<Consent[]>(onChange => session.store.watch(read => read.consents.toArray(), onChange), [])
  const ask = () => fetchTexts(session.user.id).then(told => void (texts = told), () => {}) // with the next sync
  if (now) ask()
  $effect(() => {
    if (session.sync.reached && isOld(session.user.id, Date.now())) ask()
  })
  return {
    get rows() { return rows.value },
    /** null until the clinic has told them. */
    get texts() { return texts },
    get toRead() { return toRead(texts ?? [], rows.value) },
  }
}

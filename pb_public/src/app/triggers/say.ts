// What is met on a day, as rows: one for each factor and day, so that two phones make the same.
import { dayId } from '../../lib/id'
import type { Store } from '../../lib/store'
import { offset, stamp } from '../../lib/time'
import type { Entry, Exposure, Trigger } from '../../lib/types'

type Said = { exposed: boolean | null } | { value: number | null }

export const expose = (store: Store, triggers: readonly Pick<Trigger, 'id' | 'patient'>[], day: string, said: Said) =>
  store.write(async read => {
    const ids = triggers.map(t => dayId(t.id, day))
    const known = await read.trigger_exposures.bulkGet(ids)
    return triggers.map(({ id: trigger, patient }, i): Entry => {
      const there = known[i] && !known[i]._deleted
      const fresh = { patient, trigger, day, exposed: null, value: null, entered_at: stamp(), entered_offset: offset(), source: 'phone' as const }
      return { collection: 'trigger_exposures', row: { ...(there ? {} : (fresh satisfies Omit<Exposure, 'id'>)), id: ids[i]!, _deleted: false, ...said } }
    })
  })

/** What was not there before is null again, and not left out: the server takes what is left out for unchanged. */
export const whole = async (work: Promise<Entry[]>) =>
  (await work).map(e => ({ ...e, row: Object.fromEntries(Object.entries(e.row).map(([field, value]) => [field, value ?? null])) }) as Entry)

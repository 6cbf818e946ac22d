// An import as entries of this phone: looked at first, written in one piece, taken out in one piece.
import { dayId } from '../../lib/id'
import type { Store } from '../../lib/store'
import type { Attack, DiaryDay, Entry } from '../../lib/types'
import { dayRow, medicineDays, ofImport, type Report } from './buddy'

type Read = Parameters<Parameters<Store['write']>[0]>[0]
export type Held = { attacks: Attack[]; days: DiaryDay[] }

export function openImport(store: Store, patient: string) {
  /** What is not there yet. A day with any answer of hers stays as it is. */
  async function fresh(read: Read, { found }: Report) {
    const [rows, days] = [await read.attacks.bulkGet(found.map(f => f.attack.id)), medicineDays(found)]
    const told = await read.diary_days.bulkGet(days.map(d => dayId(patient, d)))
    return { attacks: found.filter((_, i) => !rows[i] || rows[i]._deleted), days: days.filter((_, i) => !told[i] || told[i]._deleted) }
  }
  const entries = (attacks: Report['found'], days: string[]): Entry[] => [
    ...attacks.map((f): Entry => ({ collection: 'attacks', row: { ...f.attack, _deleted: false } })),
    ...(attacks.length ? days.map((d): Entry => ({ collection: 'diary_days', row: { ...dayRow(patient, d, attacks[0]!.attack), _deleted: false } })) : []),
  ]

  return {
    /** How many would be added, and how many are there already. */
    preview: (report: Report) =>
      once(store, async read => {
        const { attacks, days } = await fresh(read, report)
        return { attacks: attacks.length, already: report.found.length - attacks.length, days: attacks.length ? days.length : 0 }
      }),

    apply: (report: Report) =>
      store.write(async read => {
        const { attacks, days } = await fresh(read, report)
        return entries(attacks, days)
      }),

    /** All that lies here of an import: its attacks, and the days it wrote by itself. */
    held: () => once(store, heldIn),

    takeOut: ({ attacks, days }: Held) =>
      store.write(() => [
        ...attacks.map((a): Entry => ({ collection: 'attacks', row: { id: a.id, _deleted: true } })),
        ...days.map((d): Entry => ({ collection: 'diary_days', row: answered(d) ? { id: d.id, acute_medicine: null } : { id: d.id, _deleted: true } })),
      ]),
  }
}

export async function heldIn(read: Read): Promise<Held> {
  const attacks = (await read.attacks.where('id').startsWith('mb').toArray()).filter(a => !a._deleted && ofImport(a))
  const written = new Set(attacks.map(a => a.entered_at))
  const days = await read.diary_days.filter(d => !d._deleted && d.source === 'import' && d.acute_medicine === true && written.has(d.entered_at)).toArray()
  return { attacks, days }
}

/** She has said more about that day since. */
const answered = (d: DiaryDay) => d.headache !== null || d.worst_pain_nrs !== null || d.neck_pain_nrs !== null || !!d.note

/** One look, by the same reader that the screens have. */
const once = <T>(store: Store, look: (read: Read) => Promise<T>) =>
  new Promise<T>(done => {
    const stop = store.watch(look, value => (done(value), queueMicrotask(() => stop())))
  })

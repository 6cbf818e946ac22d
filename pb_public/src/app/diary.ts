// What a person can say, as rows. Every function writes in one local transaction and gives back what would undo it.
import { dayId, newId } from '../lib/id'
import type { Store } from '../lib/store'
import { daysBefore, offset, stamp, zone, day as dayOf } from '../lib/time'
import type { Attack, DiaryDay, Dose, Medication, Phase, Reading } from '../lib/types'

export const placesOf = (attack: Pick<Attack, 'places'>) => (attack.places ?? '').split(' ').filter(Boolean) // a row from before has none
export const isOpen = (attack: Attack) => !attack.ended_at && !attack.end_known

/** Everything the screens show, newest first. */
export type View = {
  attacks: Attack[]
  readings: Reading[]
  phases: Phase[]
  doses: Dose[]
  medications: Medication[]
  days: DiaryDay[]
}
export const NOTHING: View = { attacks: [], readings: [], phases: [], doses: [], medications: [], days: [] }

export const alive = <T extends { _deleted?: boolean }>(rows: T[]) => rows.filter(row => !row._deleted)
const OPEN_SEARCH = 30

export type Read = Parameters<Parameters<Store['write']>[0]>[0]
const newest = async (read: Read) => alive(await read.attacks.orderBy('started_at').reverse().limit(OPEN_SEARCH).toArray())

export async function viewOf(read: Read): Promise<View> {
  const doses = read.medication_doses.orderBy('taken_at').reverse().limit(100).toArray()
  return around(read, await newest(read), doses, read.diary_days.where('day').aboveOrEqual(dayOf(daysBefore(8))).toArray())
}

export async function around(read: Read, attacks: Attack[], taken: PromiseLike<Dose[]>, answered: PromiseLike<DiaryDay[]>): Promise<View> {
  const ids = attacks.map(a => a.id)
  const [readings, phases, doses, medications, days] = await Promise.all([
    read.attack_readings.where('attack').anyOf(ids).filter(r => r.nrs !== null).toArray(),
    read.attack_phases.where('attack').anyOf(ids).toArray(),
    taken,
    read.medications.toArray(),
    answered,
  ])
  return {
    attacks, doses: alive(doses), medications: alive(medications), days: alive(days),
    readings: alive(readings).sort((a, b) => b.at.localeCompare(a.at)),
    phases: alive(phases).sort((a, b) => a.from.localeCompare(b.from)),
  }
}

export const entered = () => ({ entered_at: stamp(), entered_offset: offset(), source: 'phone' as const })

export function newAttack(patient: string, at: Date): Attack {
  return {
    id: newId(), patient, started_at: stamp(at), started_offset: offset(at), ended_at: '', ended_offset: null, end_known: '', tz: zone(),
    peak_nrs: null, unilateral: null, pulsating: null, worse_with_activity: null, nausea: null, vomiting: null, photophobia: null,
    phonophobia: null, neck_pain: null, aura: null, aura_minutes: null, pain_absent: null, places: '', note: '', ...entered(),
  }
}

export type Diary = ReturnType<typeof openDiary>

export function openDiary(store: Store, patient: string) {

  const dayRow = (day: string, said: Partial<DiaryDay>) =>
    store.write(async read => {
      const id = dayId(patient, day)
      const known = await read.diary_days.get(id)
      const fresh = { patient, day, tz: zone(), headache: null, worst_pain_nrs: null, acute_medicine: null, neck_pain_nrs: null, note: '', ...entered() }
      return [{ collection: 'diary_days', row: { ...(known && !known._deleted ? {} : fresh), id, _deleted: false, ...said } }]
    })

  return {
    /** Two taps make one attack: while one is open, there is nothing to begin. */
    begin: (at = new Date()) =>
      store.write(async read => ((await newest(read)).some(isOpen) ? [] : [{ collection: 'attacks', row: newAttack(patient, at) }])),

    day: dayRow,
  }
}

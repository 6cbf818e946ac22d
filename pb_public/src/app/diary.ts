// What a person can say, as rows. Every function writes in one local transaction and gives back what would undo it.
import { dayId, newId } from '../lib/id'
import type { Store } from '../lib/store'
import { daysBefore, instant, offset, stamp, zone, day as dayOf } from '../lib/time'
import type { Feature, PhaseName } from './features'
import type { Attack, Collection, DiaryDay, Dose, DrugClass, Entry, Medication, Phase, Reading } from '../lib/types'

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

const alive = <T extends { _deleted?: boolean }>(rows: T[]) => rows.filter(row => !row._deleted)
const OPEN_SEARCH = 30

type Read = Parameters<Parameters<Store['write']>[0]>[0]
const newest = async (read: Read) => alive(await read.attacks.orderBy('started_at').reverse().limit(OPEN_SEARCH).toArray())

export async function viewOf(read: Read): Promise<View> {
  const doses = read.medication_doses.orderBy('taken_at').reverse().limit(100).toArray()
  return around(read, await newest(read), doses, read.diary_days.where('day').aboveOrEqual(dayOf(daysBefore(8))).toArray())
}

/** What is told about the days from … to, and the attacks that reach into them: none is looked for that began over a month before. */
export async function viewBetween(read: Read, from: Date, to: Date): Promise<View> {
  const [first, end] = [stamp(from), stamp(to)]
  const began = stamp(from.getTime() - 31 * 86_400_000)
  const attacks = alive(await read.attacks.where('started_at').between(began, end).reverse().toArray())
  const doses = read.medication_doses.where('taken_at').between(first, end).reverse().toArray()
  return around(read, attacks.filter(a => a.started_at >= first || isOpen(a) || a.ended_at > first), doses, read.diary_days.where('day').between(dayOf(from), dayOf(to)).toArray())
}

/** One attack with all that belongs to it; nothing when it is not on this phone. */
export async function viewOfAttack(read: Read, id: string): Promise<View> {
  const attack = await read.attacks.get(id)
  return around(read, attack ? alive([attack]) : [], read.medication_doses.where('attack').equals(id).toArray(), Promise.resolve([]))
}

async function around(read: Read, attacks: Attack[], taken: PromiseLike<Dose[]>, answered: PromiseLike<DiaryDay[]>): Promise<View> {
  const ids = attacks.map(a => a.id)
  const [readings, phases, doses, medications, days] = await Promise.all([
    read.attack_readings.where('attack').anyOf(ids).toArray(),
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

/** What can be taken in an attack, the last taken first. */
export function drugs({ medications, doses }: View) {
  const last = (m: Medication) => doses.find(d => d.medication === m.id)?.taken_at ?? ''
  return medications
    .filter(m => m.indication !== 'preventive' && (!m.stopped_on || m.stopped_on >= dayOf()))
    .sort((a, b) => last(b).localeCompare(last(a)) || a.name.localeCompare(b.name))
}

export type Diary = ReturnType<typeof openDiary>

export function openDiary(store: Store, patient: string) {
  const entered = () => ({ entered_at: stamp(), entered_offset: offset(), source: 'phone' as const })
  const write = (...entries: Entry[]) => store.write(() => entries)
  const attackRow = (id: string, row: Partial<Attack>) => write({ collection: 'attacks', row: { id, ...row } })

  function newAttack(at: Date): Attack {
    return {
      id: newId(), patient, started_at: stamp(at), started_offset: offset(at), ended_at: '', ended_offset: null, end_known: '', tz: zone(),
      peak_nrs: null, unilateral: null, pulsating: null, worse_with_activity: null, nausea: null, vomiting: null, photophobia: null,
      phonophobia: null, neck_pain: null, aura: null, aura_minutes: null, pain_absent: null, places: '', note: '', ...entered(),
    }
  }

  const dose = (medication: string, attack: string, at = new Date()): Entry => ({
    collection: 'medication_doses',
    row: { id: newId(), patient, medication, attack, taken_at: stamp(at), taken_offset: offset(at), tz: zone(), worked: null, ...entered() },
  })

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
      store.write(async read => ((await newest(read)).some(isOpen) ? [] : [{ collection: 'attacks', row: newAttack(at) }])),

    moveStart: (attack: Attack, at: Date) => attackRow(attack.id, { started_at: stamp(at), started_offset: offset(at) }),

    /** Asked after 72 hours (M-72H). */
    still: (attack: Attack) => attackRow(attack.id, { still_going_at: stamp() }),

    feature: (attack: Attack, feature: Feature, said: boolean | null) => attackRow(attack.id, { [feature]: said }),

    rate: (attack: Attack, nrs: number) =>
      write({ collection: 'attack_readings', row: { id: newId(), patient, attack: attack.id, at: stamp(), at_offset: offset(), nrs, source: 'phone' } }),

    /** One phase at a time: the next one ends the one before. The running one, said again, ends. */
    phase: (attack: Attack, phase: PhaseName, at = new Date()) =>
      store.write(async read => {
        const running = alive(await read.attack_phases.where('attack').equals(attack.id).toArray()).filter(p => !p.until)
        const ended = running.map((p): Entry => ({ collection: 'attack_phases', row: { id: p.id, until: stamp(Math.max(at.getTime(), instant(p.from))) } }))
        if (running.some(p => p.phase === phase)) return ended
        return [...ended, { collection: 'attack_phases', row: { id: newId(), patient, attack: attack.id, phase, from: stamp(at), until: '' } }]
      }),

    /** By the row as it is now: two quick taps are two places. */
    place: ({ id }: Attack, place: string) =>
      store.write(async read => {
        const said = placesOf((await read.attacks.get(id)) ?? { places: '' })
        const places = said.includes(place) ? said.filter(p => p !== place) : [...said, place]
        return [{ collection: 'attacks', row: { id, places: places.join(' ') } }]
      }),

    /** Any answer about an attack, also long after. */
    about: (attack: Attack, said: Partial<Attack>) => attackRow(attack.id, said),

    /** An attack nobody wrote down when it happened. How it ended is not known yet, so it is not open. */
    past: async (at: Date) => {
      const row: Attack = { ...newAttack(at), end_known: 'unknown' }
      return { id: row.id, undo: await write({ collection: 'attacks', row }) }
    },

    takeOut: (collection: Collection, id: string) => write({ collection, row: { id, _deleted: true } } as Entry),

    /** No time for "I don't know": the end stays unknown, and the attack is over. */
    end: (attack: Attack, known: Attack['end_known'], at: Date | null) =>
      store.write(async read => {
        const end = { ...(at && { ended_at: stamp(at), ended_offset: offset(at) }), ...(attack.ended_by && { ended_by: '' }) } // her own word now
        const phases = alive(await read.attack_phases.where('attack').equals(attack.id).toArray()).filter(p => !p.until)
        return [
          { collection: 'attacks', row: { id: attack.id, end_known: known, ...end } },
          ...phases.flatMap((p): Entry[] => (at && at.getTime() >= instant(p.from) ? [{ collection: 'attack_phases', row: { id: p.id, until: stamp(at) } }] : [])),
        ]
      }),

    /** An attack that never was takes its readings and phases with it; a dose was taken all the same. */
    mistake: (attack: Attack) =>
      store.write(async read => {
        const of = { attack: attack.id }
        const [readings, phases, doses] = await Promise.all([
          read.attack_readings.where(of).toArray(), read.attack_phases.where(of).toArray(), read.medication_doses.where(of).toArray(),
        ])
        return [
          ...readings.map((r): Entry => ({ collection: 'attack_readings', row: { id: r.id, _deleted: true } })),
          ...phases.map((p): Entry => ({ collection: 'attack_phases', row: { id: p.id, _deleted: true } })),
          ...alive(doses).map((d): Entry => ({ collection: 'medication_doses', row: { id: d.id, attack: '' } })),
          { collection: 'attacks', row: { id: attack.id, _deleted: true } },
        ]
      }),

    take: (medication: Medication, attack = '', at = new Date()) => write(dose(medication.id, attack, at)),

    addDrug: (name: string, drug_class: DrugClass, attack = '', at = new Date()) => {
      const row: Medication = { id: newId(), patient, name, strength: '', drug_class, indication: 'acute', started_on: '', stopped_on: '' }
      return write({ collection: 'medications', row }, dose(row.id, attack, at))
    },

    helped: (dose: Dose, worked: boolean | null) => write({ collection: 'medication_doses', row: { id: dose.id, worked } }),

    day: dayRow,
  }
}

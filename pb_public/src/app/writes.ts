// What can be said of an attack once it is there, and of the days before: not needed to note that one begins (diary.ts).
import { newId } from '../lib/id'
import type { Store } from '../lib/store'
import { instant, offset, stamp, zone, day as dayOf } from '../lib/time'
import type { Attack, Collection, Dose, DrugClass, Entry, Medication } from '../lib/types'
import { alive, around, entered, isOpen, newAttack, placesOf, type Read, type View } from './diary'
import type { Feature, PhaseName } from './features'
import type { Session } from './session.svelte'

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

/** What can be taken in an attack, the last taken first. */
export function drugs({ medications, doses }: View) {
  const last = (m: Medication) => doses.find(d => d.medication === m.id)?.taken_at ?? ''
  return medications
    .filter(m => m.indication !== 'preventive' && (!m.stopped_on || m.stopped_on >= dayOf()))
    .sort((a, b) => last(b).localeCompare(last(a)) || a.name.localeCompare(b.name))
}

export type Writes = ReturnType<typeof openWrites>

const opened = new WeakMap<Session, Writes>()
export function writes(session: Session) {
  const known = opened.get(session) ?? openWrites(session.store, session.user.patient)
  opened.set(session, known)
  return known
}

export function openWrites(store: Store, patient: string) {
  const write = (...entries: Entry[]) => store.write(() => entries)
  const attackRow = (id: string, row: Partial<Attack>) => write({ collection: 'attacks', row: { id, ...row } })

  const dose = (medication: string, attack: string, at = new Date()): Entry => ({
    collection: 'medication_doses',
    row: { id: newId(), patient, medication, attack, taken_at: stamp(at), taken_offset: offset(at), tz: zone(), worked: null, ...entered() },
  })

  return {
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
      const row: Attack = { ...newAttack(patient, at), end_known: 'unknown' }
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
  }
}

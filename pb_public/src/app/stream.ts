// One attack as a stream: each thing that was noted, in the order in which it happened, the newest first.
import { day, instant, show } from '../lib/time'
import type { Attack, Collection } from '../lib/types'
import type { View } from './diary'
import { text } from './text.screens'

/** `collection` and `id` where it is a row of its own that can be taken out. */
export type Moment = { key: string; at: string; words: string; collection?: Collection; id?: string }

export function stream(view: View, attack: Attack): Moment[] {
  const of = <T extends { attack: string }>(rows: T[]) => rows.filter(row => row.attack === attack.id)
  const drug = (id: string) => view.medications.find(m => m.id === id)?.name ?? text.stream.drug
  const known = attack.end_known === 'unknown' ? '' : attack.end_known
  const by = (words: string, name: string | undefined) => (name ? `${words}, ${text.by.entered(name)}` : words)
  return [
    { key: 'start', at: attack.started_at, words: by(text.stream.began, attack.entered_by) },
    ...of(view.readings).map((r): Moment => ({ key: r.id, at: r.at, words: by(text.stream.pain(r.nrs), r.entered_by), collection: 'attack_readings', id: r.id })),
    ...of(view.doses).map((d): Moment => ({ key: d.id, at: d.taken_at, words: text.stream.dose(drug(d.medication), d.worked), collection: 'medication_doses', id: d.id })),
    ...of(view.phases).map((p): Moment => ({ key: p.id, at: p.from, words: text.stream.phase(phaseName(p.phase), p.until && clock(p.until)), collection: 'attack_phases', id: p.id })),
    ...(attack.ended_at ? [{ key: 'end', at: attack.ended_at, words: by(text.stream.ended[known || 'exact'], attack.ended_by) }] : []),
  ].sort((a, b) => b.at.localeCompare(a.at))
}

const phaseName = (phase: string) => text.signs.phases[phase as keyof typeof text.signs.phases] ?? phase

/** The time alone for today, with its day for another. */
export const clock = (stamp: string) => show(day(instant(stamp)) === day() ? 'time' : 'when', instant(stamp))

// What a diary entry says that a red flag may hang on: the twin of hooks/safety/attack.go. Times are milliseconds, 0 = none.
import { instant } from '../time'
import type { Attack, DiaryDay, Dose, Reading } from '../types'
import type { Answers } from './redflags'

export type AttackSigns = {
  start: number
  end: number
  /** It is known to be over, whenever that was. */
  over: boolean
  /** When the person said that it was still going. */
  stillAt: number
  /** The last reading above 0, or dose, of this attack. */
  seen: number
  /** When the first whole day began, after the start, that was answered "no headache". */
  clear: number
  sudden?: boolean | null
  peak_minutes?: number | null
  worst_ever?: boolean | null
  aura_minutes?: number | null
  aura_usual?: boolean | null
  first_motor_aura?: boolean | null
}

const THREE_DAYS = 72 * 3600e3

/** There is evidence of the attack after 72 hours. A whole day without headache ends it, but for the person's own word. */
const lasts = ({ start, end, stillAt, seen, clear }: AttackSigns) =>
  (!!stillAt && stillAt - start > THREE_DAYS) || [end, seen].some(at => !!at && at - start > THREE_DAYS && (!clear || at < clear))

/** The entry as the table reads it. */
export function attackAnswers(attack: AttackSigns): Answers {
  const { sudden, peak_minutes, worst_ever, aura_minutes, aura_usual, first_motor_aura } = attack
  return { sudden, peak_minutes, worst_ever, aura_minutes, aura_usual, first_motor_aura, over_72h: lasts(attack) || null }
}

/** Open for more than 72 hours, and nobody has said anything since: "still going?" No answer is no alert (M-72H). */
export const asksStill = (attack: AttackSigns, now: number) => !attack.end && !attack.over && !lasts(attack) && now - attack.start > THREE_DAYS

/** The signs of an entry with what was noted under it. A day counts as clear once it was answered "no headache". */
export function signsOf(attack: Attack, { readings, doses, days }: { readings: Reading[]; doses: Dose[]; days: DiaryDay[] }): AttackSigns {
  const at = (stamp?: string) => (stamp ? instant(stamp) : 0)
  const start = at(attack.started_at)
  const seen = [
    ...readings.filter(r => r.attack === attack.id && r.nrs !== 0).map(r => at(r.at)),
    ...doses.filter(d => d.attack === attack.id).map(d => at(d.taken_at)),
  ]
  const clear = days.filter(d => d.headache === false).map(d => new Date(`${d.day}T00:00`).getTime()).filter(day => day > start)
  const { sudden, peak_minutes, worst_ever, aura_minutes, aura_usual, first_motor_aura } = attack
  return {
    start, end: at(attack.ended_at), over: !!attack.end_known, stillAt: at(attack.still_going_at), seen: Math.max(0, ...seen), clear: clear.length ? Math.min(...clear) : 0,
    sudden, peak_minutes, worst_ever, aura_minutes, aura_usual, first_motor_aura,
  }
}

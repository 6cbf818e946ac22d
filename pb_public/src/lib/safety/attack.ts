// What a diary entry says that a red flag may hang on: the twin of hooks/safety/attack.go. Times are milliseconds, 0 = none.
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

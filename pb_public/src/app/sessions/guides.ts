// What a guide says and for how long: one cue after the other, and which one is on is a pure function of the seconds that have run.
import type { RelaxationSession } from '../../lib/types'
import { text } from './text'

export type Say = keyof typeof text.cues
export type Cue = { say: Say; seconds: number }

/** `calm` is the short breathing for an open attack: nothing is tensed and nothing imagined in it (§8.2: of these only R01 is `attack_ok`). */
export type Guide = keyof typeof text.relax.names
export const TECHNIQUE: Record<Guide, RelaxationSession['technique']> = { deep_breathing: 'deep_breathing', pmr: 'pmr', guided_motor_imagery: 'guided_motor_imagery', calm: 'deep_breathing' }
export const MINUTES: Record<Guide, readonly number[]> = { deep_breathing: [5, 10, 15], pmr: [4, 15], guided_motor_imagery: [5, 10], calm: [3, 10] }
/** What the library asks for (R01 to R03). */
export const USUAL: Record<Guide, number> = { deep_breathing: 10, pmr: 15, guided_motor_imagery: 5, calm: 3 }
export const guides = (inAttack: boolean): Guide[] => (inAttack ? ['calm'] : ['deep_breathing', 'pmr', 'guided_motor_imagery'])

const SETTLE: Cue = { say: 'settle', seconds: 5 }
/** R01: about six breaths a minute. */
const BREATH: Cue[] = [{ say: 'in', seconds: 4 }, { say: 'out', seconds: 6 }]
/** R02: tense for 5 seconds, feel the change for 20 to 25; no jaw and no neck. */
const MUSCLES = (['fists', 'arms', 'brow', 'eyes', 'shoulders', 'belly', 'legs', 'feet'] as const).flatMap((say): Cue[] => [{ say, seconds: 5 }, { say: 'letGo', seconds: 25 }])
/** R03, the imagined part. Pictures of heads and the mirror are the therapist's. */
const TURNS = (['right', 'left', 'up', 'down'] as const).flatMap((say): Cue[] => [{ say: 'ahead', seconds: 5 }, { say, seconds: 10 }, { say: 'middle', seconds: 5 }, { say: 'breathe', seconds: 10 }])
const ROUND: Record<Guide, Cue[]> = { deep_breathing: BREATH, calm: BREATH, pmr: MUSCLES, guided_motor_imagery: TURNS }

/** Whole rounds only: nobody is left with a breath half in. */
export function cuesOf(guide: Guide, minutes: number): Cue[] {
  const round = ROUND[guide]
  const rounds = Math.max(1, Math.round((minutes * 60) / length(round)))
  return [SETTLE, ...Array.from({ length: rounds }, () => round).flat()]
}

/** Cold is looked at after ten minutes (O01), and comes off after thirty at most. */
export const coldCues = (minutes: number): Cue[] => (minutes > 10 ? [{ say: 'on', seconds: 600 }, { say: 'skin', seconds: (minutes - 10) * 60 }] : [{ say: 'on', seconds: minutes * 60 }])
export const deviceCues = (minutes: number): Cue[] => [{ say: 'device', seconds: minutes * 60 }]

export const length = (cues: readonly Cue[]) => cues.reduce((sum, cue) => sum + cue.seconds, 0)

/** Where it is: the cue that is on, what is left of it and of all. `cue` null: it is over. */
export function cueAt(cues: readonly Cue[], seconds: number): { cue: Cue | null; index: number; left: number; toGo: number } {
  let passed = 0
  for (const [index, cue] of cues.entries()) {
    if (seconds < passed + cue.seconds) return { cue, index, left: passed + cue.seconds - seconds, toGo: length(cues) - seconds }
    passed += cue.seconds
  }
  return { cue: null, index: cues.length, left: 0, toGo: 0 }
}

// What can be said of an attack: its signs, where it hurts, its parts, how bad it is. The log button needs none of it.

export const FEATURES = [
  'photophobia', 'phonophobia', 'nausea', 'vomiting', 'unilateral', 'pulsating', 'worse_with_activity', 'neck_pain', 'aura',
] as const
export type Feature = (typeof FEATURES)[number]

/** Where it hurts, each on the left and on the right (`attacks.places`). */
export const PLACES = ['forehead', 'temple', 'eye', 'crown', 'back', 'jaw', 'neck', 'shoulder'] as const

export const PHASES = ['prodrome', 'aura', 'headache', 'fading', 'hangover'] as const
export type PhaseName = (typeof PHASES)[number]

/** The four words on the 0–10 scale: 1–3 mild, 4–6 moderate, 7–10 severe (spec/clinical.md §3.1), the last in two halves. */
export const LEVELS = [['mild', 2], ['moderate', 5], ['severe', 7], ['verySevere', 9]] as const
export const levelOf = (nrs: number) => (nrs === 0 ? null : nrs <= 3 ? 'mild' : nrs <= 6 ? 'moderate' : nrs <= 8 ? 'severe' : 'verySevere')

// The four groups in which an examination looks (S-30), and where each region, site of a measure or item of the library belongs.
export const GROUPS = ['upper_cervical', 'neck_upper_back', 'tmj', 'head_face'] as const
export type Group = (typeof GROUPS)[number]

const IN: Record<Group, readonly string[]> = {
  upper_cervical: ['C0_C1', 'C1_C2', 'C2_C3', 'C3_C4', 'suboccipitals', 'suboccipital'],
  neck_upper_back: ['SCM', 'scalenes', 'splenius_capitis', 'semispinalis', 'levator_scapulae', 'upper_trapezius', 'middle_trapezius', 'lower_trapezius', 'rhomboids', 'deep_neck_flexors', 'thoracic_T1_T6', 'C5_C6', 'cervical_thoracic'],
  tmj: ['TMJ', 'masseter', 'temporalis', 'medial_pterygoid', 'lateral_pterygoid'],
  head_face: ['frontalis', 'occipitalis', 'corrugator', 'orbicularis_oculi', 'head'],
}
/** What is wider than one group. */
const WIDE: Record<string, readonly Group[]> = { neck: ['upper_cervical', 'neck_upper_back'], head_neck: ['upper_cervical', 'neck_upper_back', 'head_face'] }

/** The groups that a region belongs to; none: it is elsewhere, or everywhere. */
export const groupsOf = (region: string): readonly Group[] => WIDE[region] ?? GROUPS.filter(g => g === region || IN[g].includes(region))
/** One muscle or joint, not a whole group. */
export const isOne = (region: string) => !WIDE[region] && !GROUPS.includes(region as Group)

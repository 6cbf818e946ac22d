// What can be measured with hands in a visit, as hooks/outcomes/physical.go takes it.
export type Test = { unit: string; sided?: boolean; sites?: readonly string[]; max: number; step?: number }

export const TESTS: Record<string, Test> = {
  flexion_rotation: { unit: 'deg', sided: true, max: 90 },
  ppt: { unit: 'kPa', sided: true, sites: ['upper_trapezius', 'suboccipital', 'C5_C6', 'temporalis', 'masseter', 'frontalis', 'SCM', 'tibialis_anterior'], max: 2000 },
  tenderness: { unit: 'score', sided: true, sites: ['upper_trapezius', 'suboccipitals', 'SCM', 'levator_scapulae', 'splenius_capitis', 'semispinalis', 'temporalis', 'masseter', 'frontalis', 'occipitalis'], max: 3, step: 1 },
  cervical_rom: { unit: 'deg', sites: ['flexion', 'extension', 'rotation_left', 'rotation_right', 'side_left', 'side_right'], max: 120 },
  craniocervical_flexion: { unit: 'mmHg', max: 30, step: 2 },
  mouth_opening: { unit: 'mm', max: 100 },
}

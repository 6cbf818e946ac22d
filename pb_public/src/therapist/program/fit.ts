// The library beside one patient: which items answer what was found in her, and which serve what she wants (S-43; docs/decisions/029).
import { groupsOf, isOne } from '../regions'

type Row = { [field: string]: unknown }

const str = (value: unknown) => String(value ?? '')
const HEADACHE = ['frequency', 'intensity', 'disability', 'medication']
const SPECIFIC = ['exercise_condition_specific', 'manual']

/** An item for the same place, for a wider one that holds it, or, where only the group was noted, for any place of the group. */
export function answers(item: Row, found: Row): boolean {
  const [there, here] = [str(item.region), str(found.region)]
  if (found.finding !== 'impaired' || !there) return false
  if (here && isOne(there)) return there.replace(/s$/, '') === here.replace(/s$/, '')
  const groups: readonly string[] = here ? groupsOf(here) : [str(found.region_group)]
  return groupsOf(there).some(g => groups.includes(g))
}

/** What a goal asks for: fewer or milder headaches need evidence in headache; the neck what is made for it; the rest what builds her up or calms. */
export function serves(item: Row, domain: string): boolean {
  const kind = str(item.category)
  if (HEADACHE.includes(domain)) return ['A', 'B'].includes(str(item.grade))
  if (domain === 'neck_function') return SPECIFIC.includes(kind)
  if (domain === 'activity' || domain === 'quality_of_life') return kind === 'exercise_generalized' || kind === 'relaxation'
  if (domain === 'sleep') return kind === 'relaxation'
  return domain === 'self_management' && item.attack_ok === true
}

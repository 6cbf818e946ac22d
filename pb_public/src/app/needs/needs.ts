// Which fields of a refused entry are worth correcting, and with what kind of input.
import type { RefusedEntry } from '../../lib/store'
import { changed } from '../../lib/merge'
import { TIMES } from '../input'

const NUMBERS = new Set([
  'peak_nrs', 'nrs', 'worst_pain_nrs', 'neck_pain_nrs', 'aura_minutes', 'severity', 'pain_before', 'pain_2h', 'pain_30min', 'pain_during', 'pain_after', 'effort', 'intensity', 'minutes', 'value',
  'wellbeing', 'sleep_hours', 'sleep_quality', 'stress', 'exercise_minutes', 'meals_skipped', 'water_glasses', 'caffeine_servings', 'alcohol_units', 'stress_before', 'stress_after', 'tension_before', 'tension_after',
])
const DAYS = new Set(['started_on', 'stopped_on', 'noted_on', 'happened_on', 'track_until'])
const FLAGS = new Set([
  'headache', 'acute_medicine', 'worked', 'pain_absent', 'photophobia', 'phonophobia', 'nausea', 'vomiting', 'unilateral', 'pulsating',
  'worse_with_activity', 'neck_pain', 'aura', 'exposed', 'back_to_function_2h', 'stopped_because',
])
const TEXTS = new Set(['note', 'name', 'strength', 'effect', 'make', 'model'])
const known = (field: string) => TIMES.has(field) || DAYS.has(field) || NUMBERS.has(field) || FLAGS.has(field) || TEXTS.has(field)

export const inputKind = (field: string) => (TIMES.has(field) ? 'datetime-local' : DAYS.has(field) ? 'date' : NUMBERS.has(field) ? 'number' : FLAGS.has(field) ? 'flag' : 'text')

/** The fields that the broken rules name; where they name none, those the person has changed. */
export function wrongFields({ data, row, theirs }: Pick<RefusedEntry, 'data' | 'row' | 'theirs'>) {
  const named = Object.values(data).flatMap(({ params = {} }) => [params.field, ...(Array.isArray(params.fields) ? params.fields : []), ...Object.keys(params)])
  const wrong = [...new Set(named.map(String))].filter(known)
  return wrong.length ? wrong : changed(theirs, row).filter(field => known(field) && (theirs || (row[field] !== null && row[field] !== '')))
}

export const editable = (entry: RefusedEntry) => !entry.row._deleted && wrongFields(entry).length > 0

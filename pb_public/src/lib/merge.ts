import type { Doc } from './wire'

/** Bookkeeping of the server, not something a person said. */
const BOOKKEEPING = new Set(['rev', 'created', 'updated', 'collectionId', 'collectionName'])

const equal = (a: unknown, b: unknown) => a === b || JSON.stringify(a) === JSON.stringify(b)

/** The fields that `mine` says differently from `base`. */
export const changed = (base: Doc | null, mine: Doc) =>
  Object.keys(mine).filter(field => !BOOKKEEPING.has(field) && !equal(mine[field], base?.[field]))

/**
 * Three-way merge, field by field: a field that only one side changed takes that side's value. Where both did, theirs
 * stands and the field is named in `conflicts`.
 */
export function merge(base: Doc | null, mine: Doc, theirs: Doc): { row: Doc; conflicts: string[] } {
  const row = { ...theirs }
  const conflicts: string[] = []
  for (const field of changed(base, mine)) {
    if (equal(theirs[field], base?.[field])) row[field] = mine[field]
    else if (!equal(theirs[field], mine[field])) conflicts.push(field)
  }
  return { row, conflicts }
}

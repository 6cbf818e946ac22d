// Why the clinic's system did not take something, in the reader's language: it says so itself in English, and its code finds the Spanish.
import { words } from '../lib/api'
import type { Broken } from '../lib/wire'
import { spoken } from './language'

const known = await spoken<Record<string, string>>({}, () => import('./refused.es'))

export const why = ({ code, message }: Broken[string]) => known[code] ?? message

/** What the server has said that a person can read; nothing when it was not reached. */
export const reasonOf = (problem: unknown) => words(problem, why)

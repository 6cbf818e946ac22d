// What the clinic's library says, in the reader's language. What a clinic wrote or changed itself stays as it was written.
import { spoken } from './language'
import { mark } from './mark'

const known = await spoken<Record<string, string>>({}, () => import('./content.es'))

export const said = (words: string) => known[mark(words)] ?? words

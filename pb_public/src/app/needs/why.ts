// Why the clinic's server did not take something, in the reader's words: by the rule's code, with the field by the name it has here. A
// rule that has no words here is told in the server's own, which are English.
import { Refused } from '../../lib/api'
import type { Broken } from '../../lib/wire'
import { text } from './text'

type One = Broken[string]

function fieldsOf({ params = {} }: One) {
  const named = [params.field, ...(Array.isArray(params.fields) ? params.fields : [])].map(String)
  return [...new Set(named)].flatMap(field => text.fields[field] ?? []).join(', ')
}
function said(one: One) {
  const words = text.why[one.code]
  const fields = fieldsOf(one)
  return !words ? one.message : fields ? `${fields}: ${words[0]!.toLowerCase()}${words.slice(1)}` : words
}

/** Each broken rule, with its code for the clinic. */
export const reasonsOf = (data: Broken) => Object.values(data).map(one => `${said(one)} (${one.code})`)

/** Of a request; '' where the server was not reached. */
export const whyOf = (problem: unknown) =>
  problem instanceof Refused ? Object.values(problem.data).map(said).filter(Boolean).join(' ') || problem.message : ''

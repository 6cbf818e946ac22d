// Why the clinic's server did not take something, in the reader's words: by the rule's code (docs/api.md), with the field by the name it
// has here. What has no words here is told in the server's own, which are English.
import { Refused } from '../../lib/api'
import type { Broken, Told } from '../../lib/wire'
import { spoken } from '../language'
import { text } from './text'

export const english: Record<string, string> = {
  E_VALUE: 'This answer does not fit.', E_TIME_FUTURE: 'This time has not come yet.', E_TIME_RANGE: 'This is too long ago.', E_END_BEFORE_START: 'It ends before it begins.',
  E_TOO_EARLY: 'It is too soon to say this.', E_DAY: 'There is no such day.', E_ZONE: 'The time zone of this phone is not known.', E_ID: 'It does not fit its day.',
  E_TRIGGER_TWICE: 'You track this one already.', E_TRIGGERS_TOO_MANY: 'You track too many things now. End one first.', E_LAG_FIXED: 'It was counted with already, and stays as it is.',
  E_TEST_NOT_OFFERED: 'This one is not tested.', E_TEST_PAIRS: 'A test has 8 to 60 pairs.', E_TEST_START: 'A test starts in the next 60 days, and not today.',
  E_TEST_RUNNING: 'One test is not over yet. Two at once would tell you nothing.', E_TEST_BEGUN: 'Its first day has come, or it was stopped.',
  E_INSTRUMENT: 'Your clinic does not know this form.', E_ANSWER_ITEM: 'The form has no such question.', E_ANSWER_RANGE: 'An answer does not fit the form.', E_ANSWER_FEW: 'Too few questions are answered.',
  E_ANSWER_TWICE: 'There are answers and a total. Only one of them can be sent.',
  E_DEVICE_SCREEN: 'Your therapist has to look at this device first.', E_COLD_SCREEN: 'Cold is not for you now.', E_MODALITY_SITE: 'Not on the front of your neck, and no press on your neck at all.',
  E_REDFLAG_OPEN: 'A sign needs a check first. Call your clinic, or your emergency number.',
  E_KEPT: 'This stays as it is. Tell your therapist if it was a slip.', E_FORBIDDEN: 'You may not write here now.', E_ROLE: 'This is for your clinic to write.',
  E_MESSAGE: 'A message stays as it was sent. Send one more.', E_IN_USE: 'Other notes rest on this one. Take them out first.', E_SCOPE: 'What it belongs to is not yours.', E_NOT_FOUND: 'What it belongs to is not there.',
  E_NOT_STORED: 'Your clinic could not store this. It stays on this phone.', E_STALE: 'It was changed since. Look at it again.', E_TOO_MANY: 'That was too much for one day. Try again tomorrow.',
  E_INVITE_UNKNOWN: 'There is no such code. Look at it again, or ask your clinic for a new one.', E_PASSWORD: 'A password needs 8 letters or more.', E_EMAIL: 'This address can not be used: a part is missing, or it is in use.',
  E_HAS_ACCOUNT: 'You have signed in before. Use your address and your password.',
}
const known = await spoken(english, () => import('./why.es'))

type One = Broken[string]

function fieldsOf({ params = {} }: One) {
  const named = [params.field, ...(Array.isArray(params.fields) ? params.fields : [])].map(String)
  return [...new Set(named)].flatMap(field => text.fields[field] ?? []).join(', ')
}

/** These two say little by themselves: where they name no field of hers, the server says more. */
const vague = ({ code }: One, fields: string) => ['E_VALUE', 'E_ID'].includes(code) && !fields && known === english

function said(one: One) {
  const fields = fieldsOf(one)
  const why = vague(one, fields) ? '' : known[one.code]
  if (!why) return one.message
  return fields ? `${fields}: ${why[0]!.toLowerCase()}${why.slice(1)}` : why
}

/** Each broken rule, with its code for the clinic. */
export const reasonsOf = (data: Broken) => Object.values(data).map(one => `${said(one)} (${one.code})`)

/** In one line, without codes. */
export const told = ({ message, data }: Told) => Object.values(data).map(said).filter(Boolean).join(' ') || message

/** Of a request; '' where the server was not reached. */
export const whyOf = (problem: unknown) => (problem instanceof Refused ? told(problem) : '')

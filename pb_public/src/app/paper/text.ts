// A month on paper, and back.
import { spoken } from '../language'

export const english = {
  title: 'Paper diary',
  lead: 'One page for one month. Print it, and fill in a line a day. No screen needed.',
  print: 'Print this page',
  keyIn: 'Put a page in',
  before: 'Month before',
  after: 'Next month',
  sheet: (month: string) => `Headache diary, ${month}`,
  name: 'Name',
  cols: { day: 'Day', headache: 'Headache?', worst: 'Worst pain 0–10', medicine: 'Headache medicine?', what: 'Which, when', neck: 'Neck pain 0–10', note: 'Note' },
  yes: 'yes',
  no: 'no',
  how: 'Fill in one line each evening. 0 is no pain, 10 is the worst you can think of. Leave a line empty if you do not know. An empty line is not a “no”.',
  help: 'Sudden and worst ever, weak on one side, hard to speak, fever with a stiff neck, or after a blow to the head: call your emergency number at once.',

  keyTitle: (month: string) => `Put in ${month}`,
  keyLead: 'One day at a time. Each tap is saved. A day you leave out stays empty.',
  answered: (n: number, of: number) => `${n} of ${of} days have an answer`,
  headache: 'Headache?',
  worst: 'Worst pain, 0 to 10',
  medicine: 'Headache medicine?',
  dosed: 'You noted a dose that day. That says yes.',
  neck: 'Neck pain, 0 to 10',
  answers: { yes: 'Yes', no: 'No', unsaid: 'Don’t know' },
  next: 'Next day',
  prev: 'Day before',
  last: 'That was the last day of this page.',
  open: 'All of this day',
  saved: (day: string) => `Saved, ${day}.`,
  strip: 'Days of this month',
  keys: 'With a keyboard: Y, N or ? to answer, 0 to 9 for a number, X for ten. Enter goes on to the next day, Backspace takes an answer back.',
}

export type Text = typeof english
export const text: Text = await spoken(english, () => import('./text.es'))

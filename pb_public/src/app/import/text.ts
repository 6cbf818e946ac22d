// Bringing a diary in from another app.
import { spoken } from '../language'
import type { Remark, Why } from './buddy'

const lines = (n: number) => (n === 1 ? '1 line' : `${n} lines`)

export const english = {
  title: 'Bring in Migraine Buddy',
  lead: 'Pick the file that Migraine Buddy gave you. It ends in .csv. It is read on this phone, and nothing is sent yet.',
  pick: 'Pick the file',
  unread: 'This file could not be read.',
  notKnown: 'This is not a file we know. It has no columns named “Started” and “Lasted”. Nothing was changed.',
  order: (date: string) => `What does ${date} mean?`,
  orderLead: 'The file does not tell which comes first.',
  orders: { day: 'The day comes first', month: 'The month comes first' },

  look: 'What the file holds',
  lookLead: 'Nothing is added yet. Look it over first.',
  attacks: 'New attacks',
  already: 'Here already',
  doses: 'Doses',
  days: 'Days with medicine',
  dosesWhy: 'The file has no times for medicine, so no doses are made. The names go into the notes. The day says yes where it is sure.',
  first: 'The first ones. Are the days and times right?',
  noEnd: 'end not known',
  worst: (nrs: number) => `worst ${nrs}`,
  none: 'There is nothing new to add.',

  skipped: (n: number) => `Left out: ${lines(n)}`,
  line: (n: number) => `Line ${n}`,
  why: {
    quote: 'A quote mark opens here and does not end.',
    start: 'The start is not a day and a time.',
    future: 'It has not come yet.',
    old: 'It is too long ago.',
    twice: 'The same start is there twice.',
    cells: 'It has more parts than the file has columns.',
  } satisfies Record<Why, string> as Record<Why, string>,
  remarks: (n: number) => `Not all was clear: ${lines(n)}`,
  what: {
    lasted: 'How long is not clear. The end is left out.',
    pain: 'The pain is not a number from 0 to 10.',
    offset: 'No time zone. It is read as this phone’s.',
    symptom: 'These words went into the note:',
  } satisfies Record<Remark['what'], string> as Record<Remark['what'], string>,
  more: (n: number) => `And ${lines(n)} more.`,
  unknown: 'Columns we do not know',
  unknownLead: 'They stay in your file. Nothing was made of them.',
  inLines: (n: number) => `says something in ${lines(n)}`,
  other: (n: number) => `Other parts of the file: ${lines(n)}, not brought in.`,

  add: (n: number) => `Add ${n === 1 ? '1 attack' : `${n} attacks`}`,
  adding: 'Adding them. This can take a while.',
  done: (n: number) => `Added: ${n === 1 ? '1 attack' : `${n} attacks`}.`,
  here: (n: number) => `Brought in before: ${n === 1 ? '1 attack' : `${n} attacks`}`,
  out: 'Take all of it out',
  outDone: 'Taken out.',
}

export type Text = typeof english
export const text: Text = await spoken(english, () => import('./text.es'))

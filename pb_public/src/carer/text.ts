// The caregiver's page: short words for somebody who is busy with a person in pain; in Spanish where the phone speaks it.
import { spanish, why } from './spanish'

export const english = {
  title: 'Beside somebody in an attack',
  hello: (name: string) => `You are ${name}.`,
  start: 'Attack now',
  earlier: 'Or it began',
  ago: (min: number) => (min < 60 ? `${min} min ago` : `${min / 60} h ago`),
  since: (when: string) => `Attack since ${when}`,
  pain: 'How bad? Ask, or look. 0 to 10',
  signs: 'What do you see or hear?',
  sign: { photophobia: 'Light hurts', phonophobia: 'Sound hurts', nausea: 'Feels sick', vomiting: 'Threw up', neck_pain: 'Neck hurts' } as Record<string, string>,
  note: 'Note',
  noteLead: 'Such as what was taken, and when.',
  add: 'Add the note',
  over: 'It is over',
  overWhen: 'When did it end?',
  now: 'Just now',
  done: 'It is over, noted.',
  again: 'A new attack',
  undo: 'Undo',
  log: 'What you noted',
  entry: { start: 'It began', pain: 'Pain', sign: '', note: 'Note', end: 'It was over' } as Record<string, string>,
  waiting: 'waits',
  sent: 'Sent',
  unsent: (n: number) => (n === 1 ? '1 entry waits. It is kept on this phone.' : `${n} entries wait. They are kept on this phone.`),
  shut: 'This link does nothing now. Ask for a new one.',
  shutUnsent: 'What was not sent yet was not taken.',
  refused: 'Not taken:',
  flags: 'Sudden and worst ever, weak on one side, hard to speak, confused, fever with a stiff neck, or after a blow to the head: call your emergency number now.',
  private: 'You see only what you noted here.',
}

export type Text = typeof english
export const language = globalThis.localStorage && navigator.language.startsWith('es') ? 'es' : 'en'
export const text: Text = language === 'es' ? spanish : english

/** Why something was not taken; the server says so in English. */
export const reason = (codes: string[], said: string) => (language === 'es' && codes.map(code => why[code]).filter(Boolean).join(' ')) || said

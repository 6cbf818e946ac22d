// The words of a day and an attack that are looked at again.
import { spoken } from '../language'

export const english = {
  attackPage: {
    title: 'Attack',
    gone: 'This attack is not on this phone.',
    late: (days: number) => `Added ${days} days later.`,
    open: 'It is still on.',
    goOn: 'Go to it',
    starts: 'Start',
    ends: 'End',
    endKnown: 'How sure is the end?',
    known: { exact: 'I know it', guess: 'About then', slept: 'Slept it off', unknown: 'Don’t know' },
    worst: 'Worst pain',
    dose: 'Add a dose',
    when: 'When',
    note: 'Note',
    noteLead: 'In your own words.',
    out: 'Take this attack out',
    wrongEnd: 'The end must come after the start.',
    future: 'That time has not come yet.',
    saved: 'Saved.',
  },

  day: {
    title: 'Day',
    headache: 'Headache that day?',
    medicine: 'Headache medicine that day?',
    dosed: 'Yes. You noted a dose.',
    worst: 'Worst pain',
    neck: 'Neck pain',
    note: 'Note',
    attacks: 'Attacks',
    add: 'Add an attack',
    doses: 'Doses',
    addDose: 'Add a dose',
    before: 'Day before',
    after: 'Day after',
    future: 'This day has not come yet.',
    saved: (what: string, said: string) => `${what} ${said}.`,
    kept: 'saved',
    named: { headache: 'Headache', medicine: 'Medicine' },
    added: 'Attack added. Now tell more about it, or go back.',
  },

  /** Two attacks near each other. */
  joined: {
    ask: 'Is this the same attack as the one before?',
    before: (when: string) => `The one before began ${when}.`,
    look: 'Look at it',
    one: 'Yes, one attack',
    two: 'No, two attacks',
    unsaid: 'I don’t know',
    saved: 'Saved.',
    rule: { one: 'Now they count as one. Less than two days lie between.', two: 'Now they count as two. Two days or more lie between.' },
  },
}

export type Text = typeof english
export const text: Text = await spoken(english, () => import('./text.es'))

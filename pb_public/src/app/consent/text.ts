// The words of what the clinic may see, and of a clinic's new text about it.
import { spoken } from '../language'

export const english = {
  families: {
    diary: 'Headache diary',
    medication: 'Drugs I take',
    exercise: 'Exercises',
    questionnaires: 'Question forms',
    messages: 'Messages',
  },
  menstrual: 'Periods',

  lead: 'You choose. Off means that your clinic no longer sees these entries. They stay on this phone.',
  on: 'on',
  off: 'off',
  since: (when: string) => `since ${when}`,
  done: (what: string, on: boolean) => `${what}: ${on ? 'on' : 'off'}.`,
  foot: 'Your plan and your visits are your clinic’s own record. They need no yes.',

  line: 'Your clinic has a new text about what it may see',
  title: 'A new text from your clinic',
  from: (when: string) => `New since ${when}. Until you have read it, the old one holds.`,
  before: (version: string, when: string) => `So far you have said yes to the text “${version}”, on ${when}.`,
  beforeOwn: (when: string) => `So far you have said yes to the words of this app, on ${when}.`,
  show: 'Show the text from before',
  hide: 'Hide the text from before',
  read: 'I have read it. What is on stays on.',
  noted: 'Noted: you have read the new text.',
}

export type Text = typeof english
export const text: Text = await spoken(english, () => import('./text.es'))

// Every word a patient reads. Short words, short sentences, and nothing about what leads to what (text.test.ts).

import { hours } from '../lib/time'
import { spoken } from './language'

const span = (min: number) => (min < 1 ? 'just now' : min < 48 * 60 ? hours(min) : `${Math.floor(min / 1440)} days`)

export const english = {
  app: 'Interictal',
  undo: 'Undo',
  back: 'Back',
  close: 'Close',
  lost: (count: number, waiting: number) =>
    `This phone lost its copy. ${count} ${count === 1 ? 'entry comes' : 'entries come'} back from your clinic.${waiting ? ` ${waiting} not sent yet may be gone.` : ''}`,
  missing: 'This page did not load. Please try again.',
  again: 'Try again',
  nav: { label: 'Pages', today: 'Today', diary: 'Diary', exercises: 'Exercises', more: 'More' },

  sync: {
    fresh: 'Up to date',
    waiting: (n: number) => `${n} waiting, saved on this phone`,
    signedOut: 'Sign in to send',
    refused: (n: number) => `${n} not accepted`,
    outdated: 'Update the app to send',
    kept: 'Saved on this phone',
  },

  today: {
    title: 'Today',
    attack: 'Attack now',
    earlier: 'Earlier',
    earlierLead: 'When did it start?',
    ago: (min: number) => `${min} min ago`,
    morning: 'This morning',
    yesterday: 'Yesterday',
    longAgo: 'Another day',
    allClear: 'All clear',
    allClearDone: 'All clear, noted',
    signIn: 'Sign in to send',
    needs: (n: number) => `Needs a look: ${n}`,
    nothing: 'Nothing noted yet today.',
    clear: 'No headache today, noted.',
    headache: 'Headache today, noted.',
  },

  attack: {
    title: (min: number) => `Attack, ${span(min)}`,
    started: (when: string) => `Started ${when}`,
    change: 'Change',
  },

  done: {
    logged: 'Attack noted.',
    already: 'This attack is open.',
    allClear: 'No headache today, noted.',
    undone: 'Taken back.',
  },
}

export type Text = typeof english
export const text: Text = await spoken(english, () => import('./text.es'))

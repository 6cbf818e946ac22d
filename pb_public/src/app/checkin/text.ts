// The words of the check-in.
import { spoken } from '../language'
import type { Question } from '../daily'

type Field = Extract<Question, { field: unknown }>['field']

export const english = {
  title: (day: string) => (day ? `Check-in, ${day}` : 'Check-in'),
  count: (n: number, of: number) => `Question ${n} of ${of}`,
  more: 'If you like',
  skip: 'Leave it out',
  day: {
    both: 'Headache or headache medicine today?',
    headache: 'Headache today?',
    medicine: 'Headache medicine today?',
    neither: 'Neither',
    onlyHeadache: 'Headache, no medicine',
    onlyMedicine: 'Medicine, no headache',
    two: 'Headache and medicine',
    yes: 'Yes',
    no: 'No',
    done: 'Noted.',
  },
  past: {
    both: 'Headache or headache medicine that day?',
    headache: 'Headache that day?',
    medicine: 'Headache medicine that day?',
  },
  neck: 'How is your neck?',
  neckLead: '0 is no pain, 10 is the worst.',
  met: 'Did you meet any of these?',
  metLead: 'Tap each one that you met. Then tap the last line.',
  none: 'None of these',
  rest: 'No more of these',
  metDone: (name: string, on: boolean) => (on ? `${name}: yes, noted.` : `${name}: taken back.`),
  noneDone: 'Noted.',
  numbers: {
    sleep_hours: 'How many hours did you sleep last night?',
    sleep_quality: 'How well did you sleep?',
    stress: 'How much stress today?',
    exercise_minutes: 'How many minutes did you move today?',
    meals_skipped: 'How many meals did you leave out?',
    water_glasses: 'How many glasses of water?',
    caffeine_servings: 'How many cups of coffee, tea or cola?',
    alcohol_units: 'How many drinks with alcohol?',
  } satisfies Record<Field, string> as Record<Field, string>,
  leads: {
    sleep_hours: 'Round to the hour.',
    sleep_quality: '0 is very bad, 10 is very good.',
    stress: '0 is none, 10 is the most.',
    exercise_minutes: 'Apart from your exercises here. The nearest will do.',
  } as Partial<Record<Field, string>>,
  own: (name: string) => `${name}: how much?`,
  save: 'Save',
  numberDone: (n: number) => `${n}, noted.`,
  takenBack: 'Taken back.',
  end: 'That is all. Thank you.',
  endPast: 'That is all for this day.',
  well: 'Once a week: how well do you feel?',
  wellLead: '0 is very bad, 10 is very good.',
  wells: 'How well you felt, week by week',
  said: 'What you said',
  open: 'not said',
  change: 'Change:',
  names: { day: 'Headache', medicine: 'Medicine', neck: 'Neck', met: 'Met', numbers: { sleep_hours: 'Hours of sleep', sleep_quality: 'Sleep', stress: 'Stress', exercise_minutes: 'Minutes moved', meals_skipped: 'Meals left out', water_glasses: 'Water', caffeine_servings: 'Coffee, tea, cola', alcohol_units: 'Alcohol' } satisfies Record<Field, string> as Record<Field, string> },
  yes: 'yes',
  no: 'no',
  nothing: 'none',
  before: 'The day before',
  whole: 'All of this day',
  track: 'What I track',
  today: 'Back to today',
  future: 'This day has not come yet.',
}

export type Text = typeof english
export const text: Text = await spoken(english, () => import('./text.es'))

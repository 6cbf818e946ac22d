// The words of reminders. What a push shows is `push`, word for word, whatever it is of: it lies on a locked screen for all to see.
import type { Kind } from '../../lib/reminders'
import { spoken } from '../language'

export const english = {
  title: 'Reminders',
  lead: 'All are off until you turn them on. In an open attack they stay silent.',
  names: { diary: 'Note my day', exercise: 'My exercises', effect: 'How it worked' } satisfies Record<Kind, string>,
  what: {
    diary: 'Once a day, if the day has no note yet.',
    exercise: 'Once a day, if some are still to do.',
    effect: '2 hours after a drug or a device, half an hour after cold.',
  } satisfies Record<Kind, string>,
  turn: (name: string, on: boolean) => `${name}: ${on ? 'on' : 'off'}`,
  at: 'At what time?',
  done: (name: string, at: string) => `${name}: ${at || 'off'}.`,
  on: 'on',
  off: 'off',
  zone: (zone: string) => `Times are those of ${zone}.`,

  quiet: 'Quiet hours',
  quietLead: 'In these hours none comes.',
  from: 'From',
  until: 'Until',
  inQuiet: 'This time lies in your quiet hours, so none will come.',

  closed: 'When the app is closed',
  closedLead: 'Your clinic’s server can wake this phone. The company that made your browser or phone passes it on. It learns that something came, not what.',
  shows: (words: string) => `All it ever shows is: “${words}”`,
  turnOn: 'Turn on for this phone',
  turnOff: 'Turn off for this phone',
  isOn: 'On for this phone.',
  isOff: 'Off for this phone.',
  cannot: 'This browser can’t do that. On an iPhone, first put the app on the home screen.',
  denied: 'This phone does not let the app do that. You can change it in the phone’s settings.',
  failed: 'That did not work. It needs a signal. Please try again later.',
  open: 'While the app is open, a line on Today reminds you, with no signal too.',

  push: { title: 'Interictal', body: 'You asked for a reminder.' },

  yesterday: 'Yesterday has no note. How was it?',
  line: { diary: 'You wanted to note your day.', exercise: 'You wanted to do your exercises.' } as Partial<Record<Kind, string>>,
}

export type Text = typeof english
export const text: Text = await spoken(english, () => import('./text.es'))

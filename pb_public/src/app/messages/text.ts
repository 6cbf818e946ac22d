// The words of the conversation with the clinic.
import { spoken } from '../language'

export const english = {
  title: 'Messages',
  lead: 'For questions that can wait. Nobody reads this at night or on days off.',
  urgent: 'If it can’t wait, call your clinic. Is it new or very bad?',
  check: 'Check now',
  none: 'No messages yet.',
  notShared: 'You do not share messages now, so your clinic can’t read what you write.',
  share: 'Change what I share',
  write: 'Your message',
  send: 'Send',
  kept: 'Kept. It goes out with the next sync.',
  waiting: 'Not sent yet',
  notTaken: 'Not accepted by your clinic',
  why: 'See why',
  sent: 'Sent',
  readBy: (who: string, when: string) => `Read by ${who}, ${when}`,
  new: 'New',
  you: 'You',
  roles: { patient: 'You', therapist: 'Your therapist', assistant: 'Your therapist’s team', neurologist: 'Your neurologist', clinic: 'Your clinic' },
  readers: { therapist: 'your therapist', neurologist: 'your neurologist' },
  earlier: 'Show earlier ones',
}

export type Text = typeof english
export const text: Text = await spoken(english, () => import('./text.es'))

// The words of the conversation with the clinic, and of what those who treat her write to each other.
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

  letters: {
    title: 'Letters about me',
    lead: 'What the people who treat you ask each other about you, and what they answer. There is nothing for you to do.',
    asking: 'Asking your clinic …',
    none: 'There are no letters yet.',
    offline: 'Letters are with your clinic. They can be fetched when you are online.',
    at: (when: string) => `As your clinic had them on ${when}.`,
    wrote: {
      neurologist: (who: string) => `${who} wrote to your neurologist`,
      therapist: (who: string) => `${who} wrote to your therapist`,
      paper: (who: string) => `${who} wrote to your clinic`,
    },
    paper: 'This one came on paper.',
    reasons: { neck_pain_with_migraine: 'Neck pain with migraine', migraine: 'Migraine', tension_type_headache: 'Tension headache', tmd: 'Jaw', other: 'Something else' } as Record<string, string>,
    read: {
      neurologist: (when: string) => `Read by your neurologist on ${when}.`,
      therapist: (when: string) => `Read by your therapist on ${when}.`,
    },
    unread: 'Not read yet.',
    noAnswer: 'No answer yet.',
    answers: {
      accepted: (who: string) => `${who} says yes.`,
      declined: (who: string) => `${who} says no.`,
      advice: (who: string) => `${who} gives advice.`,
    },
    answerRead: (when: string) => `The answer was read on ${when}.`,
    answerUnread: 'The answer is not read yet.',
  },
}

export type Text = typeof english
export const text: Text = await spoken(english, () => import('./text.es'))

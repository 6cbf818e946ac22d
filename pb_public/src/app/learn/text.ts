// The words around the texts that a therapist gives; the texts themselves come with their author, source and dates.
import { spoken } from '../language'

export const english = {
  title: 'Texts for me',
  lead: 'Your therapist picked these for you. They open with no signal too.',
  none: 'No texts yet. Your therapist gives them.',
  gone: 'This text is not on this phone.',
  new: 'New',
  read: (when: string) => `Opened ${when}`,
  said: (when: string) => `In your words, ${when}`,
  taught: (when: string) => `Talked over, ${when}`,
  topics: {
    sleep: 'Sleep', stress: 'Stress', diet: 'Food and drink', exercise: 'Moving', environment: 'Light, sound, air', medication: 'Medicine', devices: 'Devices',
    self_management: 'Living with it', safety: 'Safety',
  } as Record<string, string>,
  back: 'In your own words',
  backLead: 'What does this text say? What will you try? Two or three lines will do.',
  backRead: 'Your therapist reads what you write here.',
  keep: 'Keep my words',
  kept: 'Your words are kept.',
  mine: 'You wrote',
  change: 'Change my words',
  talked: (when: string) => `You talked this over with your therapist on ${when}.`,
  source: (author: string, source: string) => `By ${author}. From: ${source}`,
  dates: (published: string, reviewed: string) => `Out ${published}. Last checked ${reviewed}.`,
}

export type Text = typeof english
export const text: Text = await spoken(english, () => import('./text.es'))

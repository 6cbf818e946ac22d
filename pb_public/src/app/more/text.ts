// Under which words the pages stand in More, and the page that has its name here alone.
import { spoken } from '../language'

export const english = {
  plan: 'My plan',
  days: 'Day by day',
  ease: 'Calm and cold',
  people: 'Who helps, who reads',
  phone: 'My data and this phone',
  letters: 'Letters about me',
}

export type Text = typeof english
export const text: Text = await spoken(english, () => import('./text.es'))

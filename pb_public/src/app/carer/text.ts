// Somebody beside me: links that I give and take back.
import { spoken } from '../language'

export const english = {
  title: 'Help from somebody beside me',
  lead: 'Give a link to somebody who is with you in an attack. They can start an attack for you, add pain, signs and notes, and end it. They see nothing else of your diary.',
  marked: 'What they enter has their name beside it. You can change it or take it out.',
  who: 'Who is it for?',
  whoLead: 'The name you call them. It stands beside what they enter.',
  make: 'Make a link',
  link: (name: string) => `The link for ${name}`,
  linkLead: 'It is shown this once. Send it, or open it on their phone now. Whoever has it can use it.',
  copy: 'Copy the link',
  share: 'Send it',
  copied: 'Copied.',
  links: 'Links you gave',
  none: 'You have given no link.',
  until: (day: string) => `Works until ${day}`,
  used: (when: string) => `used ${when}`,
  unused: 'not used yet',
  over: { revoked: 'Taken back', expired: 'Run out' },
  revoke: 'Take it back',
  revokeWhat: (name: string) => `Take it back, the link for ${name}`,
  revoked: (name: string) => `The link for ${name} is taken back. It does nothing now.`,
  offline: 'This needs a network. Try again when you are online.',
}

export type Text = typeof english
export const text: Text = await spoken(english, () => import('./text.es'))

import { spoken } from '../language'

export const english = {
  title: 'What my clinic holds',
  lead: 'Your clinic’s server holds your diary, your plan and your visits. You can have all of it as files.',
  take: 'Get all of it (ZIP)',
  taken: 'File made.',
  offline: 'This needs a network. Nothing was changed.',
  eraseTitle: 'Erase me',
  eraseLead: 'Your diary goes for good, at your clinic and on your phones. Get your files first.',
  look: 'Show what would go',
  goes: (rows: number) => `${rows} ${rows === 1 ? 'entry goes' : 'entries go'} for good.`,
  stays: (rows: number) => `${rows} ${rows === 1 ? 'line stays' : 'lines stay'} at your clinic, locked. The law says so: it is the record of your care.`,
  until: (day: string) => `It goes too, on ${day}.`,
  nothingStays: 'Nothing stays.',
  beyond: 'Old backups fade out in a few weeks. Files that you or others took stay where they are.',
  phones: (n: number) => `${n} ${n === 1 ? 'phone' : 'phones'} will be erased.`,
  type: (word: string) => `To go on, type ${word}`,
  word: 'ERASE',
  go: 'Erase for good',
  refused: 'Not done. Please look at the numbers again.',
}

export type Text = typeof english
export const text: Text = await spoken(english, () => import('./text.es'))

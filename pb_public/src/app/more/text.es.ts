import type { Text } from './text'

export const text: Text = {
  plan: 'Mi plan',
  days: 'Día a día',
  ease: 'Calma y frío',
  people: 'Quién ayuda y quién lee',
  phone: 'Mis datos y este teléfono',
  letters: 'Cartas sobre mí',
}

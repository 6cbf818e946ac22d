import type { Text } from './text'

export const text: Text = {
  title: 'Textos para mí',
  lead: 'Tu terapeuta los eligió para ti. Se abren también sin señal.',
  none: 'Aún no hay textos. Te los da tu terapeuta.',
  gone: 'Este texto no está en este teléfono.',
  new: 'Nuevo',
  read: when => `Abierto el ${when}`,
  said: when => `En tus palabras, ${when}`,
  taught: when => `Hablado el ${when}`,
  topics: {
    sleep: 'Sueño', stress: 'Estrés', diet: 'Comida y bebida', exercise: 'Moverse', environment: 'Luz, ruido, aire', medication: 'Medicina', devices: 'Aparatos',
    self_management: 'Vivir con ello', safety: 'Seguridad',
  },
  back: 'En tus palabras',
  backLead: '¿Qué dice este texto? ¿Qué vas a probar? Bastan dos o tres líneas.',
  backRead: 'Tu terapeuta lee lo que escribes aquí.',
  keep: 'Guardar mis palabras',
  kept: 'Tus palabras están guardadas.',
  mine: 'Escribiste',
  change: 'Cambiar mis palabras',
  talked: when => `Lo hablaste con tu terapeuta el ${when}.`,
  source: (author, source) => `De ${author}. Fuente: ${source}`,
  dates: (published, reviewed) => `Salió el ${published}. Revisado el ${reviewed}.`,
}

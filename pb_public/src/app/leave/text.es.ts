import type { Text } from './text'

export const text: Text = {
  title: 'Lo que tiene mi clínica',
  lead: 'El servidor de tu clínica tiene tu diario, tu plan y tus visitas. Puedes tenerlo todo en archivos.',
  take: 'Obtener todo (ZIP)',
  taken: 'Archivo hecho.',
  offline: 'Esto necesita conexión. Nada ha cambiado.',
  eraseTitle: 'Borrarme',
  eraseLead: 'Tu diario se borra para siempre, en tu clínica y en tus teléfonos. Guarda antes tus archivos.',
  look: 'Ver lo que se borra',
  goes: rows => `${rows} ${rows === 1 ? 'entrada se borra' : 'entradas se borran'} para siempre.`,
  stays: rows => `${rows} ${rows === 1 ? 'línea queda' : 'líneas quedan'} en tu clínica, bajo llave. Lo dice la ley: es la historia de tu atención.`,
  until: day => `También se borra, el ${day}.`,
  nothingStays: 'No queda nada.',
  beyond: 'Las copias viejas se van en unas semanas. Los archivos que tú u otros guardasteis siguen donde están.',
  phones: n => `${n} ${n === 1 ? 'teléfono se borra' : 'teléfonos se borran'}.`,
  type: word => `Para seguir, escribe ${word}`,
  word: 'BORRAR',
  go: 'Borrar para siempre',
  refused: 'No se ha hecho. Mira de nuevo los números.',
}

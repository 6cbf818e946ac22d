import type { Text } from './text'

const lines = (n: number) => (n === 1 ? '1 línea' : `${n} líneas`)
const attacks = (n: number) => (n === 1 ? '1 ataque' : `${n} ataques`)

export const text: Text = {
  title: 'Traer Migraine Buddy',
  lead: 'Elige el archivo que te dio Migraine Buddy. Acaba en .csv. Se lee en este teléfono y aún no se envía nada.',
  pick: 'Elegir el archivo',
  unread: 'No se pudo leer este archivo.',
  notKnown: 'Este archivo no es de los que conocemos. No tiene columnas «Started» y «Lasted». No cambió nada.',
  order: date => `¿Qué quiere decir ${date}?`,
  orderLead: 'El archivo no dice cuál va primero.',
  orders: { day: 'Primero el día', month: 'Primero el mes' },

  look: 'Lo que hay en el archivo',
  lookLead: 'Aún no entra nada. Míralo primero.',
  attacks: 'Ataques nuevos',
  already: 'Ya están aquí',
  doses: 'Dosis',
  days: 'Días con medicina',
  dosesWhy: 'El archivo no da horas de medicina, así que no hay dosis. Los nombres van a las notas. El día dice sí donde no hay duda.',
  first: 'Los primeros. ¿Están bien los días y las horas?',
  noEnd: 'fin sin saber',
  worst: nrs => `peor ${nrs}`,
  none: 'No hay nada nuevo que añadir.',

  skipped: n => `Fuera: ${lines(n)}`,
  line: n => `Línea ${n}`,
  why: {
    quote: 'Aquí se abren comillas que no se cierran.',
    start: 'El inicio no es un día y una hora.',
    future: 'Aún no ha llegado.',
    old: 'Hace demasiado tiempo.',
    twice: 'El mismo inicio está dos veces.',
    cells: 'Tiene más partes que columnas el archivo.',
  },
  remarks: n => `No todo estaba claro: ${lines(n)}`,
  what: {
    lasted: 'No está claro cuánto duró. El fin se deja fuera.',
    pain: 'El dolor no es un número de 0 a 10.',
    offset: 'No hay zona horaria. Se lee como la de este teléfono.',
    symptom: 'Estas palabras van a la nota:',
  },
  more: n => `Y ${lines(n)} más.`,
  unknown: 'Columnas que no conocemos',
  unknownLead: 'Se quedan en tu archivo. No se usan.',
  inLines: n => `dice algo en ${lines(n)}`,
  other: n => `Otras partes del archivo: ${lines(n)}, no entran.`,

  add: n => `Añadir ${attacks(n)}`,
  adding: 'Se están añadiendo. Puede tardar.',
  done: n => `Añadido: ${attacks(n)}.`,
  here: n => `Traído antes: ${attacks(n)}`,
  out: 'Quitarlo todo',
  outDone: 'Quitado.',
}

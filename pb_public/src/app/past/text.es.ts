import type { Text } from './text'

const times = (n: number, one: string, more: string) => `${n} ${n === 1 ? one : more}`

export const text: Text = {
  attackPage: {
    title: 'Ataque',
    gone: 'Este ataque no está en este teléfono.',
    late: days => `Añadido ${times(days, 'día', 'días')} después.`,
    open: 'Sigue abierto.',
    goOn: 'Ir a él',
    starts: 'Inicio',
    ends: 'Fin',
    endKnown: '¿Sabes bien el fin?',
    known: { exact: 'Lo sé', guess: 'Más o menos', slept: 'Se fue al dormir', unknown: 'No lo sé' },
    worst: 'Peor dolor',
    dose: 'Añadir una dosis',
    when: 'Cuándo',
    note: 'Nota',
    noteLead: 'Con tus palabras.',
    out: 'Quitar este ataque',
    wrongEnd: 'El fin va después del inicio.',
    future: 'Esa hora aún no ha llegado.',
    saved: 'Guardado.',
  },

  day: {
    title: 'Día',
    headache: '¿Dolor de cabeza ese día?',
    medicine: '¿Medicina para la cabeza ese día?',
    dosed: 'Sí. Anotaste una dosis.',
    worst: 'Peor dolor',
    neck: 'Dolor de cuello',
    note: 'Nota',
    attacks: 'Ataques',
    add: 'Añadir un ataque',
    doses: 'Dosis',
    addDose: 'Añadir una dosis',
    before: 'Día anterior',
    after: 'Día siguiente',
    future: 'Este día aún no ha llegado.',
    saved: (what, said) => `${what} ${said}.`,
    kept: 'guardada',
    named: { headache: 'Dolor de cabeza', medicine: 'Medicina' },
    added: 'Ataque añadido. Ahora cuenta más, o vuelve.',
  },

  joined: {
    ask: '¿Es el mismo ataque que el anterior?',
    before: when => `El anterior empezó ${when}`.replace(/\.?$/, '.'),
    look: 'Verlo',
    one: 'Sí, un ataque',
    two: 'No, dos ataques',
    unsaid: 'No lo sé',
    saved: 'Guardado.',
    rule: { one: 'Ahora cuentan como uno. Entre ellos hay menos de dos días.', two: 'Ahora cuentan como dos. Entre ellos hay dos días o más.' },
  },
}

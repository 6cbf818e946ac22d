import { hours } from '../lib/time'
import type { Text } from './text'

const span = (min: number) => (min < 1 ? 'ahora mismo' : min < 48 * 60 ? hours(min) : `${Math.floor(min / 1440)} días`)

export const text: Text = {
  app: 'Interictal',
  undo: 'Deshacer',
  back: 'Atrás',
  close: 'Cerrar',
  lost: (count, waiting) =>
    `Este teléfono perdió su copia. ${count === 1 ? 'Vuelve 1 nota' : `Vuelven ${count} notas`} desde tu clínica.${waiting ? ` ${waiting} sin enviar pueden haberse perdido.` : ''}`,
  missing: 'Esta página no se cargó. Prueba otra vez.',
  again: 'Probar otra vez',
  nav: { label: 'Páginas', today: 'Hoy', diary: 'Diario', exercises: 'Ejercicios', more: 'Más' },

  sync: {
    fresh: 'Al día',
    waiting: n => `${n} en espera, guardado en este teléfono`,
    signedOut: 'Entra para enviar',
    refused: n => `${n} sin aceptar`,
    outdated: 'Actualiza la app para enviar',
    kept: 'Guardado en este teléfono',
  },

  today: {
    title: 'Hoy',
    attack: 'Ataque ahora',
    earlier: 'Antes',
    earlierLead: '¿Cuándo empezó?',
    ago: min => `Hace ${min} min`,
    morning: 'Esta mañana',
    yesterday: 'Ayer',
    longAgo: 'Otro día',
    allClear: 'Todo bien',
    allClearDone: 'Todo bien, anotado',
    signIn: 'Entra para enviar',
    needs: n => `Por mirar: ${n}`,
    nothing: 'Hoy aún no hay nada anotado.',
    clear: 'Hoy sin dolor de cabeza, anotado.',
    headache: 'Hoy con dolor de cabeza, anotado.',
  },

  attack: {
    title: min => `Ataque, ${span(min)}`,
    started: when => `Empezó: ${when}`,
    change: 'Cambiar',
  },

  done: {
    logged: 'Ataque anotado.',
    already: 'Este ataque está abierto.',
    allClear: 'Hoy sin dolor de cabeza, anotado.',
    undone: 'Deshecho.',
  },
}

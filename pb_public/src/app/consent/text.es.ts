import type { Text } from './text'

export const text: Text = {
  families: {
    diary: 'Diario de dolor de cabeza',
    medication: 'Medicinas que tomo',
    exercise: 'Ejercicios',
    questionnaires: 'Cuestionarios',
    messages: 'Mensajes',
  },
  menstrual: 'Regla',

  lead: 'Tú eliges. Si está en «no», tu clínica deja de ver esas notas. Se quedan en este teléfono.',
  on: 'sí',
  off: 'no',
  since: when => `desde el ${when}`,
  done: (what, on) => `${what}: ${on ? 'sí' : 'no'}.`,
  foot: 'Tu plan y tus visitas son de la clínica. No piden tu sí.',

  line: 'Tu clínica tiene un texto nuevo sobre lo que puede ver',
  title: 'Un texto nuevo de tu clínica',
  from: when => `Nuevo desde el ${when}. Hasta que lo leas, vale el de antes.`,
  before: (version, when) => `Hasta ahora dijiste que sí al texto «${version}», el ${when}.`,
  beforeOwn: when => `Hasta ahora dijiste que sí a las palabras de esta app, el ${when}.`,
  show: 'Ver el texto de antes',
  hide: 'Cerrar el texto de antes',
  read: 'Lo he leído. Lo que está en «sí» sigue en «sí».',
  noted: 'Anotado: has leído el texto nuevo.',
}

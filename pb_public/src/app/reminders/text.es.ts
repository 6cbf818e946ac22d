import type { Text } from './text'

export const text: Text = {
  title: 'Avisos',
  lead: 'Todos están en «no» hasta que los pongas. En un ataque abierto callan.',
  names: { diary: 'Anotar mi día', exercise: 'Mis ejercicios', effect: 'Cómo funcionó' },
  what: {
    diary: 'Una vez al día, si el día aún no tiene nota.',
    exercise: 'Una vez al día, si aún queda alguno.',
    effect: '2 horas después de una medicina o un aparato, media hora después del frío.',
  },
  turn: (name, on) => `${name}: ${on ? 'sí' : 'no'}`,
  at: '¿A qué hora?',
  done: (name, at) => `${name}: ${at || 'no'}.`,
  on: 'sí',
  off: 'no',
  zone: zone => `Las horas son las de ${zone}.`,

  quiet: 'Horas de silencio',
  quietLead: 'En estas horas no llega ninguno.',
  from: 'Desde',
  until: 'Hasta',
  inQuiet: 'Esta hora cae en tus horas de silencio: no llegará ninguno.',

  closed: 'Cuando la app está cerrada',
  closedLead: 'El servidor de tu clínica puede despertar este teléfono. La empresa que hizo tu navegador o tu teléfono lo pasa. Sabe que algo llegó, no qué.',
  shows: words => `Todo lo que muestra es: «${words}»`,
  turnOn: 'Poner en este teléfono',
  turnOff: 'Quitar de este teléfono',
  isOn: 'Puesto en este teléfono.',
  isOff: 'No está puesto en este teléfono.',
  cannot: 'Este navegador no puede. En un iPhone, pon primero la app en la pantalla de inicio.',
  denied: 'Este teléfono no deja que la app lo haga. Puedes cambiarlo en los ajustes del teléfono.',
  failed: 'No salió. Hace falta señal. Prueba más tarde, por favor.',
  open: 'Con la app abierta, una línea en Hoy te avisa, también sin señal.',

  push: { title: 'Interictal', body: 'Pediste un aviso.' },

  yesterday: 'Ayer no tiene nota. ¿Cómo fue?',
  line: { diary: 'Querías anotar tu día.', exercise: 'Querías hacer tus ejercicios.' },
}

import type { Text } from './text'

export const text: Text = {
  title: 'Mensajes',
  lead: 'Para preguntas que pueden esperar. Nadie los lee de noche ni en festivos.',
  urgent: 'Si no puede esperar, llama a tu clínica. ¿Es nuevo o muy fuerte?',
  check: 'Revisar ahora',
  none: 'Aún no hay mensajes.',
  notShared: 'Ahora no compartes mensajes. Tu clínica no puede leer lo que escribes.',
  share: 'Cambiar lo que comparto',
  write: 'Tu mensaje',
  send: 'Enviar',
  kept: 'Guardado. Sale con el próximo envío.',
  waiting: 'Aún sin enviar',
  notTaken: 'Tu clínica no lo aceptó',
  why: 'Ver por qué',
  sent: 'Enviado',
  readBy: (who, when) => `Leído por ${who}, ${when}`,
  new: 'Nuevo',
  you: 'Tú',
  roles: { patient: 'Tú', therapist: 'Tu terapeuta', assistant: 'El equipo de tu terapeuta', neurologist: 'Tu neuróloga o neurólogo', clinic: 'Tu clínica' },
  readers: { therapist: 'tu terapeuta', neurologist: 'neurología' },
  earlier: 'Ver los de antes',
}

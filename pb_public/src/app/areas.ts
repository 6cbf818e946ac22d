// The app's rooms beside the core, each in a folder of its own with its own words. An area is a chunk that the phone holds from the
// start and reads when it is first opened.
import type { Component } from 'svelte'
import type { Session } from './session.svelte'

export type Area = Component<{ session: Session; what: string; onErased: () => void }>

/** By the name of the page in the address: `#checkin` or `#form=hit6`. */
export const AREAS: Record<string, () => Promise<{ default: Area }>> = {
  more: () => import('./more/More.svelte'),
  day: () => import('./past').then(m => ({ default: m.Day })),
  attack: () => import('./past').then(m => ({ default: m.AttackPage })),
  exercises: () => import('./exercises').then(m => ({ default: m.Exercises })),
  exercise: () => import('./exercises').then(m => ({ default: m.Player })),
  plan: () => import('./care').then(m => ({ default: m.Plan })),
  handover: () => import('./care').then(m => ({ default: m.HandOver })),
  changed: () => import('./care').then(m => ({ default: m.Changed })),
  card: () => import('./care').then(m => ({ default: m.Card })),
  needs: () => import('./needs/Needs.svelte'),
  settings: () => import('./account').then(m => ({ default: m.Settings })),
  readers: () => import('./account').then(m => ({ default: m.Readers })),
  consents: () => import('./consent/Consents.svelte'),
  export: () => import('./account').then(m => ({ default: m.Export })),
  forms: () => import('./forms').then(m => ({ default: m.Forms })),
  form: () => import('./forms').then(m => ({ default: m.Form })),
  learn: () => import('./learn/Learn.svelte'),
  messages: () => import('./messages/Messages.svelte'),
  letters: () => import('./messages/Letters.svelte'),
  progress: () => import('./progress').then(m => ({ default: m.Progress })),
  impact: () => import('./progress').then(m => ({ default: m.Impact })),
  neck: () => import('./progress').then(m => ({ default: m.Neck })),
  goals: () => import('./forms').then(m => ({ default: m.Goals })),
  ready: () => import('./forms').then(m => ({ default: m.Ready })),
  leave: () => import('./leave/Leave.svelte'),
  checkin: () => import('./checkin/CheckIn.svelte'),
  triggers: () => import('./triggers/Triggers.svelte'),
  medicine: () => import('./medicines/Medicines.svelte'),
  relax: () => import('./sessions/Relax.svelte'),
  cold: () => import('./sessions/Cold.svelte'),
  device: () => import('./sessions/Device.svelte'),
  reminders: () => import('./reminders/Reminders.svelte'),
  import: () => import('./import/Import.svelte'),
  paper: () => import('./paper/Paper.svelte'),
  key: () => import('./paper/Key.svelte'),
  carer: () => import('./carer/Carers.svelte'),
}

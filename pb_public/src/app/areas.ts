// The app's rooms beside the core, each in a folder of its own with its own words. An area is a chunk that the phone holds from the
// start and reads when it is first opened.
import type { Component } from 'svelte'
import type { Session } from './session.svelte'

export type Area = Component<{ session: Session; what: string }>

/** By the name of the page in the address: `#checkin` or `#form=hit6`. */
export const AREAS: Record<string, () => Promise<{ default: Area }>> = {
  leave: () => import('./leave/Leave.svelte'),
  checkin: () => import('./checkin/CheckIn.svelte'),
  triggers: () => import('./triggers/Triggers.svelte'),
  medicine: () => import('./medicines/Medicines.svelte'),
}

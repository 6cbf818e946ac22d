// The pages beside the caseload, each in a folder of its own with its own words, and loaded when it is first opened.
import type { Component } from 'svelte'

export type Area = Component<{ what: string; onLeave: () => void }>

/** By the name of the page in the address: `#plan=<id>`. */
export const AREAS: Record<string, () => Promise<{ default: Area }>> = {
  patient: () => import('./patient/Patient.svelte'),
  alerts: () => import('./alerts/Alerts.svelte'),
  plan: () => import('./plan/Plan.svelte'),
  program: () => import('./program/Program.svelte'),
  visit: () => import('./visit/Visit.svelte'),
  schedule: () => import('./schedule/Schedule.svelte'),
  document: () => import('./document/Document.svelte'),
  me: () => import('./me/Me.svelte'),
}

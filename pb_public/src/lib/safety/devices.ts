// Devices, cold and compression before a guided session (§7.4): the server's own table, read as hooks/safety/devices.go does.
import table from '../../../../hooks/safety/devices.json'
import type { Flag } from '../types'

export const COLD = table.cold
export const HEAD_SITES: readonly string[] = ['head', 'forehead', 'temples', 'crown', 'back_of_head']

/** A target without a preset asks what any current asks. */
export const targetOf = (name: string) => table.targets.find(t => t.target === name) ?? table.targets.at(-1)!

export type DeviceAsked = { target: string; screening: Record<string, Flag>; age: number | null; label: string }

/** What stands before the first guided session; nothing found and nothing missing: it can start. */
export function deviceGate({ target, screening, age, label }: DeviceAsked) {
  const t = targetOf(target)
  const found = [...t.never, ...t.ask].filter(q => screening[q] === true && (t.never.includes(q) || !label))
  const missing = [...t.never, ...t.ask].filter(q => screening[q] == null)
  if (age === null) missing.push('age')
  else if (age < t.ages) found.push('age')
  if (!label || (t.label && label !== t.label)) missing.push('label')
  return { found, missing, ready: !found.length && !missing.length }
}

/** No current there: the carotid sinus lies under it. */
export function frontOfNeck(site: string) {
  const s = site.trim().replaceAll('_', ' ').toLowerCase()
  return s === 'scm' || s === 'scalenes' || /carotid|throat|sternocleido/.test(s) || (/anterior|front/.test(s) && /neck|cervical/.test(s))
}

/** Pressure only on the head. */
export const mayPress = (site: string) => HEAD_SITES.includes(site)

// What relaxation, cold and devices rest on, from the rows on this phone; and the gates before a guided session, by the server's
// own table (hooks/safety_gates.go is the same on the other side: what the phone lets through, the server judges again).
import { open } from '../asked'
import { isOpen } from '../diary'
import { newId } from '../../lib/id'
import { COLD, deviceGate } from '../../lib/safety/devices'
import type { Store } from '../../lib/store'
import { day, instant, offset, stamp } from '../../lib/time'
import type { ColdScreen, Device, Flag, HealthFacts, ModalitySession, NeuromodSession } from '../../lib/types'

type Read = Parameters<Parameters<Store['write']>[0]>[0]
const alive = <T extends { _deleted?: boolean }>(rows: T[]) => rows.filter(row => !row._deleted)
const newest = <T extends { started_at: string }>(rows: T[]) => rows.sort((a, b) => b.started_at.localeCompare(a.started_at))

export type Mine = Awaited<ReturnType<typeof mineOf>>

export async function mineOf(read: Read, now: number) {
  const [attacks, facts, patients, alerts, checks, screens, devices, cold, sessions] = await Promise.all([
    read.attacks.orderBy('started_at').reverse().limit(30).toArray(), read.health_facts.toArray(), read.patients.toArray(), read.safety_alerts.toArray(),
    read.safety_checks.toArray(), read.cold_screens.toArray(), read.devices.toArray(), read.modality_sessions.toArray(), read.neuromod_sessions.toArray(),
  ])
  return {
    attack: alive(attacks).find(isOpen)?.id ?? '',
    alerts: open(alive(alerts), alive(checks), now),
    facts: alive(facts)[0],
    age: ageOf(patients[0]?.birth_date ?? '', day(now)),
    screen: alive(screens).sort((a, b) => b.asked_at.localeCompare(a.asked_at))[0],
    devices: alive(devices).filter(d => !d.stopped_on || d.stopped_on >= day(now)),
    cold: newest(alive(cold).filter(held)),
    sessions: newest(alive(sessions).filter(held)),
  }
}

/** A session that was begun and left is `next` for good: it was not held. */
export const held = (row: { state: string }) => row.state !== 'next'

function ageOf(born: string, today: string): number | null {
  if (!born || born > today) return null
  return Number(today.slice(0, 4)) - Number(born.slice(0, 4)) - (today.slice(5) < born.slice(5) ? 1 : 0)
}

/** With an emergency open nothing is guided; with an urgent alert no current (§7.2). */
export const stopped = (alerts: readonly string[], current = false) => alerts.includes('emergency') || (current && alerts.includes('urgent'))

const said = (json: string | undefined): Record<string, Flag> => JSON.parse(json || '{}')

/** What the clinic has noted of her. */
export const notedIn = (facts: HealthFacts | undefined, question: string) => (facts as Record<string, unknown> | undefined)?.[question]

/** Cold: what was found against it, what nobody knows for sure, and what is still to be asked. What the clinic has noted is not asked. */
export function coldGate(facts: HealthFacts | undefined, screen: Pick<ColdScreen, 'answers'> | undefined) {
  const answers = said(screen?.answers)
  const noted = (q: string) => notedIn(facts, q)
  const found = COLD.cautions.filter(q => noted(q) === true || answers[q] === true)
  const open = COLD.cautions.filter(q => !found.includes(q) && noted(q) !== false && answers[q] !== false)
  return { found, ask: open.filter(q => answers[q] === undefined), unsure: open.filter(q => answers[q] === null), ready: !found.length && !open.length }
}

export const gateOf = (device: Device, age: number | null) => deviceGate({ target: device.nerve_target, screening: said(device.screening), age, label: device.label_version })

/** One more answer in a JSON text. */
export const withAnswer = (json: string | undefined, question: string, answer: Flag) => JSON.stringify({ ...said(json), [question]: answer })
export const answersIn = said

export const entered = () => ({ entered_at: stamp(), entered_offset: offset(), source: 'phone' as const })

export const newCold = (patient: string, change: Partial<ModalitySession>): ModalitySession => ({
  id: newId(), patient, attack: '', state: 'next', type: 'cold', site: 'forehead', with_compression: null, started_at: stamp(), minutes: null, pain_before: null,
  pain_30min: null, pain_2h: null, skin_reaction: '', note: '', ...entered(), ...change,
})
export const newSession = (patient: string, device: string, change: Partial<NeuromodSession>): NeuromodSession => ({
  id: newId(), patient, device, attack: '', state: 'next', mode: 'acute', started_at: stamp(), site: '', intensity: null, minutes: null, pain_before: null, pain_2h: null,
  side_effect: '', note: '', ...entered(), ...change,
})

// --- the effect, asked quietly later

const MINUTE = 60_000
/** How long after a session its effect can still be told. */
const RECALL = 24 * 60 * MINUTE
export const HALF_HOUR = 30 * MINUTE
export const TWO_HOURS = 120 * MINUTE

/** The newest session whose effect can be told by now, and is not. */
export function toAsk(cold: readonly ModalitySession[], sessions: readonly NeuromodSession[], now: number): { page: 'cold' | 'device'; row: string; at: number } | null {
  const due = (at: string, after: number) => now - instant(at) >= after && now - instant(at) < RECALL
  const waits = [
    ...cold.filter(s => held(s) && s.type === 'cold' && (due(s.started_at, TWO_HOURS) ? s.pain_2h : s.pain_30min) === null && due(s.started_at, HALF_HOUR)).map(s => ({ page: 'cold' as const, row: s.id, at: instant(s.started_at) })),
    ...sessions.filter(s => held(s) && s.mode === 'acute' && s.pain_2h === null && due(s.started_at, TWO_HOURS)).map(s => ({ page: 'device' as const, row: s.id, at: instant(s.started_at) })),
  ]
  return waits.sort((a, b) => b.at - a.at)[0] ?? null
}

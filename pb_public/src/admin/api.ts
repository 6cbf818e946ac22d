// What the desk asks of the server, and in which shapes it answers.
import { pb } from '../lib/server'

export type Person = { user: string; name: string; email: string; roles: string[]; formerRoles: string[]; patients: number; devices: number; waiting: number; lastSeen: string; endingAt: string }
export type Practice = { id: string; license_no: string; license_state: string; specialties: string; practising_since: string }
export type Code = { id: string; kind: string; role: string; name: string; expires: string }
export type MadeCode = { kind: string; code: string; url: string; expires: string }
export type Patient = { id: string; name: string; active: boolean; user: string; plan: string; team: { user: string; name: string; role: string }[]; devices: number; waiting: number }
export type Voiding = { plan: string; patient: string; version: number; by: string; at: string }
export type Impact = {
  user: string
  patients: { id: string; name: string; role: string; plan: string; openTasks: number; nextVisits: number; another: boolean }[]
  openPlans: number; openTasks: number; nextVisits: number; devices: number; devicesWithUnsent: number; waiting: number; withoutAnother: number; lastAdmin: boolean
}
export type Device = { user: string; name: string; device: string; staff: boolean; app: string; firstAt: string; lastAt: string; waiting: number; eraseAt: string; toldAt: string }
export type Consent = { version: string; family: string; given: number; withdrawn: number; newest: string }
export type AuditLine = { seq: number; at: string; actor: string; actorName: string; capacity: string; action: string; patient: string; patientName: string; collection: string; outcome: string; reason: string }
export type Rules = {
  regulationProfile: string
  rules: Record<string, unknown>
  inForce: Record<string, unknown>
  changes: { id: string; effective: string; regulationProfile: string; rules: Record<string, unknown>; at: string; appliedAt: string; withdrawnAt: string }[]
}
export type Glass = { id: string; patient: string; name: string; by: string; member: string; reason: string; from: string; until: string }
export type Rows = { collection: string; rows: number; why?: string }
export type Receipt = { patient: string; applied: boolean; rows: number; deleted: Rows[]; kept: Rows[]; term: { until: string; years: number; by: string; from: string } | null; devices: number; account: string; stays: string[] }
export type Erasure = { id: string; at: string; own: boolean; reason: string; keepUntil: string; hold: boolean; kept: number; receipt: Receipt }
export type Kept = { collection: string; record: string; why: string; data: Record<string, unknown> }
export type Upkeep = {
  copies: boolean; lastCopy: string | null; failedCopies: number; drill: { at: string; good: boolean; says: string } | null; databaseBytes: number; epoch: string
  restores: number; returned: number; openConflicts: number; waitingEntries: number; silentDevices: number; refusals: { code: string; n: number }[]; mail: boolean
}
export type Outcomes = {
  asOf: string; patients: number | null; leftOut: number | null; reason: string | null; base: number | null; now: number | null
  paired: { value: number | null; low: number | null; high: number | null; reason: string | null }
  cells: { name: string; patients: number | null; reason: string | null }[]
}
export type ItemText = { code: string; name: string; category: string; place: string; grade: string; source: string; reviewed_on: string; dose_text: string; instructions: string; stop: string; caution: string }
export type Item = ItemText & { id: string; clinic: string; version: number; retired: boolean } & Record<string, unknown>
export type ConsentText = { id: string; version: string; body: string; retired: boolean; created: string }
export type Clinic = { id: string; name: string }
type Me = { user: { id: string }; practitioner: { role: string; clinic: Clinic }[] }

/** The clinics whose admin is signed in. */
export const myClinics = async () => (await pb.send<Me>('/api/me', {})).practitioner.filter(p => p.role === 'clinic_admin').map(p => p.clinic)

export type Desk = ReturnType<typeof deskOf>

const items = pb.collection('library_items')
const texts = pb.collection('consent_texts')

export function deskOf(clinic: string) {
  const base = `/api/clinics/${clinic}/`
  const get = <T>(path: string, query = {}) => pb.send<T>(base + path, { query })
  const post = <T = void>(path: string, body: object = {}) => pb.send<T>(base + path, { method: 'POST', body })
  return {
    clinic,
    people: () => get<{ people: Person[]; codes: Code[] }>('people'),
    patients: () => get<{ patients: Patient[]; voiding: Voiding[] }>('patients'),
    voidPlan: ({ plan, version }: Voiding, reason: string) => pb.send(`/api/plans/${plan}/transitions`, { method: 'POST', body: { to: 'voided', reason, expectedVersion: version } }),
    keepPlan: ({ plan }: Voiding) => pb.send(`/api/plans/${plan}/void/withdraw`, { method: 'POST' }),
    devices: async () => (await get<{ devices: Device[] }>('devices')).devices,
    eraseDevice: (user: string, device: string) => post('devices/erase', { user, device }),
    consents: () => get<{ current: string; consents: Consent[]; earlier: number }>('consents'),
    audit: (query: Record<string, string | number>) => get<{ events: AuditLine[]; before: number }>('audit', query),
    upkeep: () => get<Upkeep>('upkeep'),
    outcomes: () => get<Outcomes>('outcomes'),
    rules: () => get<Rules>('rules'),
    changeRules: (effective: string, regulationProfile: string, rules: object) => post('rules', { effective, regulationProfile, rules }),
    withdrawRules: (change: string) => post(`rules/${change}/withdraw`),
    impact: (user: string) => get<Impact>(`people/${user}/impact`),
    move: (user: string, to: string, patients: string[]) => post<{ moved: number }>(`people/${user}/move`, { to, patients }),
    leave: (user: string, to: string, reason: string) => post<{ moved: number }>(`people/${user}/leave`, { to, reason }),
    signOut: (user: string) => post(`people/${user}/signout`),
    makeCode: (wish: object) => post<MadeCode>('codes', wish),
    practice: async (user: string) => pb.collection('practitioners').getFullList<Practice>({ filter: pb.filter('clinic={:clinic} && user={:user} && active=true', { clinic, user }) }),
    practises: (rows: Practice[], fields: Partial<Practice>) => Promise.all(rows.map(r => pb.collection('practitioners').update(r.id, fields))),
    glass: () => get<{ now: string; opened: Glass[] }>('glass'),
    breakGlass: (patient: string, reason: string, hours: number) => post('glass', { patient, reason, hours }),
    closeGlass: (id: string) => post(`glass/${id}/close`),
    erasures: async () => (await get<{ erasures: Erasure[] }>('erasures')).erasures,
    openKept: (erasure: string, reason: string) => post<{ rows: Kept[] }>(`erasures/${erasure}/open`, { reason }),
    erase: (patient: string, body: object) => pb.send<Receipt>(`/api/patients/${patient}/erase`, { method: 'POST', body }),
    link: (patient: string, member: string, role: string) => pb.collection('care_links').create({ patient, member, role, from: new Date().toISOString() }),
    library: () => items.getFullList<Item>({ filter: pb.filter('clinic={:clinic} || (clinic="" && retired=false)', { clinic }), sort: 'clinic,retired,name' }),
    keepItem: (id: string, fields: Partial<Item>) => (id ? items.update(id, fields) : items.create({ ...fields, clinic })),
    consentTexts: () => texts.getFullList<ConsentText>({ filter: pb.filter('clinic={:clinic}', { clinic }), sort: '-created' }),
    writeConsent: (version: string, body: string) => texts.create({ clinic, version, body }),
    retireConsent: (id: string, retired: boolean) => texts.update(id, { retired }),
  }
}

/** The ZIP as a file; the SDK reads JSON only. */
export async function exportPatient(patient: string, reason: string) {
  const answer = await fetch(`/api/patients/${patient}/export`, { method: 'POST', headers: { 'Content-Type': 'application/json', Authorization: pb.authStore.token }, body: JSON.stringify({ reason }) })
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).message ?? '')
  const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(await answer.blob()), download: 'record.zip' })
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

export async function redeem(code: string, email: string, password: string) {
  const { token, record } = await pb.send('/api/codes/redeem', { method: 'POST', body: { code, email, password } })
  pb.authStore.save(token, record)
}

// What the program builder asks the server. Saving is the plan editor's: one field at a time, with the version it was read at.
import { pb } from '../../lib/server'
import type { Broken, Row } from '../plan/plan'

export type Proposal = { id: string; exercise: string; kind: string; state: string; from: string; to: string; reasons: string[]; step: { by: string; from: number; to: number } | null; basis: { kept?: { prescribed: number; done: number; excused: number } } | null }
type Share = { done: number; of: number; value: number | null }
export type View = { day: string; proposals: Proposal[]; adherence: { raw: Share; adjusted: Share; excused: number } | null }
export type Against = { library: Record<string, Broken[]>; exercises: Record<string, Broken[]>; devices: Record<string, Broken[]> }

const list = (table: string, filter = '', sort = 'created') => pb.collection(table).getFullList<Row>({ filter, sort, skipTotal: true })
const of = (patient: string) => pb.filter('patient={:patient}', { patient })

export const TABLES = ['exercises', 'exercise_versions', 'education_assignments', 'devices', 'health_facts', 'cold_screens', 'plans', 'impairments', 'goals'] as const
export type Mine = Record<(typeof TABLES)[number], Row[]>
export type House = { library: Row[]; templates: Row[]; texts: Row[] }

export async function fetchHouse(): Promise<House> {
  const [library, templates, texts] = await Promise.all([list('library_items', 'retired=false', 'code'), list('program_templates', 'retired=false', 'code'), list('education_items', 'retired=false', 'code')])
  return { library, templates, texts }
}
export const fetchMine = async (patient: string): Promise<Mine> =>
  Object.fromEntries(await Promise.all(TABLES.map(async table => [table, await list(table, of(patient)).catch(() => [])] as const))) as Mine
export const fetchView = (patient: string): Promise<View> => pb.send(`/api/patients/${patient}/program`, {})
export const fetchAgainst = (patient: string): Promise<Against> => pb.send(`/api/patients/${patient}/program/check`, {})

const post = <T>(path: string, body: object = {}): Promise<T> => pb.send(path, { method: 'POST', body })
export const prefill = (patient: string, template: string) => post<{ exercises: string[] }>(`/api/patients/${patient}/program/templates`, { template })
export const decide = (proposal: string, verb: 'accept' | 'hold' | 'edit', body: object = {}) => post<Proposal>(`/api/proposals/${proposal}/${verb}`, body)

// Who is signed in on this phone, and how it asks the clinic's server: on plain fetch, because the SDK would be a sixth of what has to
// be there before the first tap. The pages of the clinic ask through server.ts.
import type { Broken } from './wire'

/** The token lies in localStorage, so a start without network is a signed-in start; under the SDK's name for it. */
const AUTH = 'interictal-auth-app'
export const RENEWED = 'interictal-renewed'

export type User = { id: string; email: string; name: string; patient: string }
export type Me = { patient: { clinic: { emergencyNumber: string; crisisNumber?: string }; questionnaires?: unknown } | null }
export type Auth = { token: string; record: User | null }

export const auth = (): Auth => JSON.parse(localStorage.getItem(AUTH) ?? 'null') ?? { token: '', record: null }
export const keep = ({ token, record }: Auth) => localStorage.setItem(AUTH, JSON.stringify({ token, record }))

/** Who was last signed in here, also when the session is over. */
export const user = () => auth().record

/** What the server answered when it did not do as it was asked. */
export class Refused extends Error {
  constructor(readonly status: number, message: string, readonly data: Broken, readonly wait: string | null) {
    super(message)
  }
}

export async function ask<T>(path: string, body?: object, token = auth().token): Promise<T> {
  const request: RequestInit = { headers: { Authorization: token, ...(body && { 'Content-Type': 'application/json' }) }, signal: AbortSignal.timeout(30_000) }
  const answer = await fetch(path, body ? { ...request, method: 'POST', body: JSON.stringify(body) } : request)
  const said = answer.status === 204 ? {} : await answer.json().catch(problem => { if (answer.ok) throw problem; return {} }) // cut off on the way
  if (!answer.ok) throw new Refused(answer.status, said.message ?? '', said.data ?? {}, answer.headers.get('Retry-After'))
  return said
}

export const signIn = async (identity: string, password: string) => keep(await ask('/api/collections/users/auth-with-password', { identity, password }, ''))

export const join = async (code: string, email: string, password: string, consents: string[]) =>
  keep(await ask('/api/invitations/accept', { code, email, password, consents }, ''))

export function signOut() {
  localStorage.removeItem(AUTH)
  localStorage.removeItem(RENEWED)
}

export const fetchMe = () => ask<Me>('/api/me')

/** 0: the server was not reached. */
export const status = (problem: unknown) => (problem instanceof Refused ? problem.status : 0)

/** The server's own words, when it has said something a person can read. */
export const words = (problem: unknown) =>
  problem instanceof Refused ? Object.values(problem.data).map(b => b.message).filter(Boolean).join(' ') || problem.message : ''

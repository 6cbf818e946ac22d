// Where two people, or one person's two phones, said different things: the list is kept here so that it can be read and
// decided without a network; decisions go out with the next exchange.
import type { LocalTables } from './tables'
import type { Conflict, Server, Take, Told } from './wire'

export type OpenConflict = Conflict & { /** why the last decision could not be */ unwilling: Told | null }

/** An older app kept the words alone. */
const toldOf = (kept: Told | string | undefined): Told | null => (typeof kept === 'string' ? { message: kept, data: {} } : kept ?? null)

export function openDecisions(tables: LocalTables) {
  const { recall } = tables

  /** What waits for the person's word. */
  async function open(): Promise<OpenConflict[]> {
    const { conflicts, decided, unwilling } = await recall()
    const done = new Set(decided.map(d => d.id))
    return conflicts.filter(c => !done.has(c.id)).map(c => ({ ...c, unwilling: toldOf(unwilling[c.id]) }))
  }

  const settling = async () => (await import('./settle')).openSettling(tables)

  return {
    open,
    decide: async (id: number, take: Take) => (await settling()).decide(id, take),
    settle: async (server: Pick<Server, 'resolve' | 'conflicts'>) => (await settling()).settle(server),
    waiting: async () => (await recall()).decided.length,
  }
}

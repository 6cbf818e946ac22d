// Where two people, or one person's two phones, said different things: the list is kept here so that it can be read and
// decided without a network; decisions go out with the next exchange.
import type { LocalTables } from './tables'
import { Unwilling, type Conflict, type Server, type Take } from './wire'

export type OpenConflict = Conflict & { /** why the last decision could not be */ unwilling: string }

export function openDecisions({ atomic, recall, remember }: LocalTables) {
  /** What waits for the person's word. */
  async function open(): Promise<OpenConflict[]> {
    const { conflicts, decided, unwilling } = await recall()
    const done = new Set(decided.map(d => d.id))
    return conflicts.filter(c => !done.has(c.id)).map(c => ({ ...c, unwilling: unwilling[c.id] ?? '' }))
  }

  const decide = (id: number, take: Take) =>
    atomic(async () => {
      const { decided } = await recall()
      await remember({ decided: [...decided.filter(d => d.id !== id), { id, take }] })
    })

  /** Sends the decisions, then fetches what is still open. Gives back whether there was one to send. */
  async function settle({ resolve, conflicts }: Pick<Server, 'resolve' | 'conflicts'>) {
    const { decided } = await recall()
    for (const { id, take } of decided) {
      const words = await resolve(id, take).then(() => '', problem => {
        if (problem instanceof Unwilling) return problem.message
        throw problem
      })
      await atomic(async () => {
        const now = await recall()
        const unwilling = words ? { ...now.unwilling, [id]: words } : now.unwilling
        await remember({ decided: now.decided.filter(d => d.id !== id || d.take !== take), unwilling, conflicts: words ? now.conflicts : now.conflicts.filter(c => c.id !== id) })
      })
    }
    await remember({ conflicts: await conflicts() })
    return decided.length > 0
  }

  return { open, decide, settle, waiting: async () => (await recall()).decided.length }
}

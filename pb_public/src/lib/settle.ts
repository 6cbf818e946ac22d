// A decision between two answers, and how it gets to the server. Not needed to note anything (decisions.ts).
import type { LocalTables } from './tables'
import { Unwilling, type Server, type Take } from './wire'

export function openSettling({ atomic, recall, remember }: Pick<LocalTables, 'atomic' | 'recall' | 'remember'>) {
  const decide = (id: number, take: Take) =>
    atomic(async () => {
      const { decided } = await recall()
      await remember({ decided: [...decided.filter(d => d.id !== id), { id, take }] })
    })

  /** Sends the decisions, then fetches what is still open. Gives back whether there was one to send. */
  async function settle({ resolve, conflicts }: Pick<Server, 'resolve' | 'conflicts'>) {
    const { decided } = await recall()
    for (const { id, take } of decided) {
      const no = await resolve(id, take).then(() => null, problem => {
        if (problem instanceof Unwilling) return { message: problem.message, data: problem.data }
        throw problem
      })
      await atomic(async () => {
        const now = await recall()
        const unwilling = no ? { ...now.unwilling, [id]: no } : now.unwilling
        await remember({ decided: now.decided.filter(d => d.id !== id || d.take !== take), unwilling, conflicts: no ? now.conflicts : now.conflicts.filter(c => c.id !== id) })
      })
    }
    await remember({ conflicts: await conflicts() })
    return decided.length > 0
  }

  return { decide, settle }
}

// What was asked of the server, and what came of it in words.
import { words } from '../lib/server'
import { text } from './text'

export function attempts() {
  let problem = $state('')
  let said = $state('')
  return {
    get problem() { return problem },
    get said() { return said },
    say: (words: string) => void (said = words),
    /** Gives back whether it worked. */
    async run(work: () => Promise<unknown>, done = '') {
      try {
        problem = said = ''
        await work()
        said = done
        return true
      } catch (error) {
        problem = words(error) || (error instanceof Error && !('status' in error) && error.message) || text.failed
        return false
      }
    },
  }
}

// One signed-in account on this phone: its store, its diary, and the exchange that keeps them like the server.
import { live } from '../lib/live.svelte'
import { exchange, fetchMe, listen, signOut, type Me, type User } from '../lib/server'
import { openStore } from '../lib/store'
import { keepInSync, NOT_YET, type SyncStatus } from '../lib/sync'
import type { Entry } from '../lib/types'
import { NOTHING, openDiary, viewOf, type View } from './diary'
import { text } from './text'

const ME = 'interictal-me'
const UNDO_MS = 10_000

/** What the app says after it is on the disk, and how to take it back. */
export type Notice = { text: string; undo: Entry[] }

export type Session = ReturnType<typeof openSession>

export function openSession(user: User) {
  const store = openStore(`interictal-${user.id}`)
  const diary = openDiary(store, user.patient)
  const view = live<View>(onChange => store.watch(viewOf, onChange), NOTHING)

  let sync: SyncStatus = $state.raw(NOT_YET)
  let notice: Notice | null = $state.raw(null)
  let me: Me | null = $state.raw(JSON.parse(localStorage.getItem(ME) ?? 'null'))
  let timer: ReturnType<typeof setTimeout>

  const stopSync = keepInSync(store, exchange, poke => listen(`patients/${user.patient}`, poke), status => (sync = status))
  fetchMe().then(answer => localStorage.setItem(ME, JSON.stringify((me = answer))), () => {})
  navigator.storage?.persist?.() // asks the browser to keep the diary when the disk runs low

  function say(words: string, undo: Entry[] = []) {
    clearTimeout(timer)
    notice = { text: words, undo }
    timer = setTimeout(() => (notice = null), UNDO_MS)
  }

  /** Says it once it is on the disk, and not before. */
  async function act(words: string, work: Promise<Entry[]>) {
    say(words, await work)
  }

  /** One tap. While an attack is open there is nothing to begin. */
  async function begin(at = new Date()) {
    const undo = await diary.begin(at)
    say(undo.length ? text.done.logged : text.done.already, undo)
    navigator.vibrate?.(40)
  }

  async function undo() {
    const entries = notice?.undo ?? []
    await store.write(() => entries)
    say(text.done.undone)
  }

  return {
    user, store, diary, say, act, begin, undo,
    get view() { return view.value },
    get sync() { return sync },
    get notice() { return notice },
    get emergencyNumber() { return me?.patient?.clinic.emergencyNumber ?? '' },
    stop() {
      clearTimeout(timer)
      stopSync()
      store.close()
    },
    async erase() {
      clearTimeout(timer)
      stopSync()
      await store.erase()
      localStorage.removeItem(ME)
      signOut()
    },
  }
}

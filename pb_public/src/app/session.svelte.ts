// One signed-in account on this phone: its store, its diary, and the exchange that keeps them like the server.
import type { OpenConflict } from '../lib/decisions'
import { live } from '../lib/live.svelte'
import { fetchMe, listen, serverFor, signOut, type Me, type User } from '../lib/server'
import { clear, placeOf, type Place } from '../lib/place'
import { openStore, type RefusedEntry } from '../lib/store'
import { keepInSync, NOT_YET, type SyncStatus } from '../lib/sync'
import type { Entry } from '../lib/types'
import { NOTHING, openDiary, viewOf, type View } from './diary'
import { text } from './text'

const ERASE = 'interictal-erase'
const UNDO_MS = 10_000

/** What the app says after it is on the disk, and how to take it back. */
export type Notice = { text: string; undo: Entry[] }

export type Session = ReturnType<typeof openSession>

const storeName = (user: User) => `interictal-${user.id}`
const meName = (user: User) => `interictal-me-${user.id}`

/** A phone that was to be erased and went off in between is erased before anything else. */
export async function eraseLeft() {
  const name = localStorage.getItem(ERASE)
  if (!name) return
  await clear(name)
  localStorage.removeItem(ERASE)
}

/** Where this account's data lies on this phone; asked before the first screen, which needs it. */
export const placeFor = (user: User) => placeOf(storeName(user))

export function openSession(user: User, place: Place) {
  const store = openStore(storeName(user), 'patient', place.indexedDB)
  const diary = openDiary(store, user.patient)
  const needs = live<{ refused: RefusedEntry[]; open: OpenConflict[] }>(
    onChange => store.watch(async () => ({ refused: await store.refusedEntries(), open: await store.decisions.open() }), onChange),
    { refused: [], open: [] },
  )
  const view = live<View>(onChange => store.watch(viewOf, onChange), NOTHING)

  let sync: SyncStatus = $state.raw(NOT_YET)
  let notice: Notice | null = $state.raw(null)
  let me: Me | null = $state.raw(JSON.parse(localStorage.getItem(meName(user)) ?? 'null'))
  let timer: ReturnType<typeof setTimeout>

  const keeper = keepInSync(store, serverFor(user.id), poke => listen(`patients/${user.patient}`, poke), status => (sync = status))
  fetchMe().then(answer => localStorage.setItem(meName(user), JSON.stringify((me = answer))), () => {})

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
    user, store, diary, persisted: place.persisted, say, act, begin, undo,
    sendNow: keeper.sync,
    /** Asks what is open, once the screen that shows it is opened. */
    look: keeper.look,
    get view() { return view.value },
    /** What waits for the person's word: entries that were not accepted, and two answers to one question. */
    get needs() { return needs.value },
    get sync() { return sync },
    get notice() { return notice },
    get emergencyNumber() { return me?.patient?.clinic.emergencyNumber ?? '' },
    stop() {
      clearTimeout(timer)
      keeper.stop()
      store.close()
    },
    /** Signed out first, so that no other tab fetches anew what is being erased; and remembered, should the phone go off now. */
    async erase() {
      clearTimeout(timer)
      keeper.stop()
      localStorage.setItem(ERASE, storeName(user))
      localStorage.removeItem(meName(user))
      signOut()
      store.close()
      await eraseLeft()
    },
  }
}

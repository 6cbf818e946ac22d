// One signed-in account on this phone: its store, its diary, and the exchange that keeps them like the server.
import { fetchMe, signOut, user as signedIn, type Me, type User } from '../lib/api'
import type { OpenConflict } from '../lib/decisions'
import { live } from '../lib/live.svelte'
import { NOT_YET, type SyncStatus } from '../lib/outbox'
import { clear, placeOf, type Place } from '../lib/place'
import { openStore, type RefusedEntry } from '../lib/store'
import type { Entry } from '../lib/types'
import { NOTHING, openDiary, viewOf, type View } from './diary'
import { forget, lost, note } from './kept'
import { text } from './text'

const ERASE = 'interictal-erase'
const UNDO_MS = 10_000
const COUNT_MS = 1_000

/** What the app says after it is on the disk, and how to take it back. */
export type Notice = { text: string; undo: Entry[] }

export type Session = ReturnType<typeof openSession>

const storeName = (user: User) => `interictal-${user.id}`
const meName = (user: User) => `interictal-me-${user.id}`

/** A phone that was to be erased and went off in between is erased before anything else. */
export async function eraseLeft() {
  const name = localStorage.getItem(ERASE)
  if (!name) return
  const known = signedIn()
  if (known && storeName(known) === name) signOut() // first, so that no tab fetches anew what is being erased
  await clear(name)
  localStorage.removeItem(ERASE)
}

/** Where this account's data lies on this phone; asked before the first screen, which needs it. */
export const placeFor = (user: User) => placeOf(storeName(user))

export function openSession(user: User, place: Place) {
  const store = openStore(storeName(user), 'patient', place.indexedDB)
  const diary = openDiary(store, user.patient)
  const remote = () => import('../lib/remote')
  const needs = live<{ refused: RefusedEntry[]; open: OpenConflict[] }>(
    onChange => store.watch(async () => ({ refused: await store.refusedEntries(), open: await store.decisions.open() }), onChange),
    { refused: [], open: [] },
  )
  const view = live<View>(onChange => store.watch(viewOf, onChange), NOTHING)

  let sync: SyncStatus = $state.raw(NOT_YET)
  let notice: Notice | null = $state.raw(null)
  let me: Me | null = $state.raw(JSON.parse(localStorage.getItem(meName(user)) ?? 'null'))
  let missing = $state('')
  let timer: ReturnType<typeof setTimeout>
  let counting: ReturnType<typeof setTimeout>
  let stopped = false

  const gone = lost(user.id, store).then(held => void (missing = held ? text.lost(held.count, held.waiting) : ''), () => {})
  const keeper = gone.then(() => Promise.all([import('../lib/sync'), remote()])).then(([{ keepInSync }, { serverFor, listen }]) => {
    if (!stopped) return keepInSync(store, serverFor(user.id), poke => listen(`patients/${user.patient}`, poke), report)
  })
  fetchMe().then(answer => localStorage.setItem(meName(user), JSON.stringify((me = answer))), () => {})

  function report(status: SyncStatus) {
    if (status.erase) return void Promise.race([erase().catch(() => {}), new Promise(done => setTimeout(done, 3_000))]).then(() => location.replace('/app/')) // the next start erases what is left
    const news = status.reached !== sync.reached || status.waiting !== sync.waiting
    sync = status
    if (news && status.reached) {
      clearTimeout(counting) // after a rush of taps, once
      counting = setTimeout(() => store.count().then(count => stopped || note(user.id, { count, waiting: status.waiting + status.held }), () => {}), COUNT_MS)
    }
  }

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

  function stop() {
    stopped = true
    clearTimeout(timer)
    keeper.then(k => k?.stop())
  }

  let erasing: Promise<void> | undefined
  /** Once, whoever asks: her own tap, and the server that says it is over. */
  const erase = () => (erasing ??= eraseNow())

  /** Remembered before all else: should the phone go off, or the page go on, the next start erases what is left. */
  async function eraseNow() {
    stop()
    localStorage.setItem(ERASE, storeName(user))
    localStorage.removeItem(meName(user))
    for (const name of 'lock run sitting reminded progress neck forms triggers unasked handover effect consent letters'.split(' ')) localStorage.removeItem(`interictal-${name}`)
    forget(user.id)
    await import('./reminders/push').then(push => push.turnOff()).catch(() => {}) // with the token that is about to go
    store.close()
    await eraseLeft()
  }

  return {
    user, store, diary, persisted: place.persisted, say, act, begin, undo,
    sendNow: () => keeper.then(k => k?.sync()),
    /** Asks what is open, once the screen that shows it is opened. */
    look: () => keeper.then(k => k?.look()),
    /** What both sides hold, asked now. */
    prove: async () => store.proof((await remote()).serverFor(user.id).digest),
    get view() { return view.value },
    /** What waits for the person's word: entries that were not accepted, and two answers to one question. */
    get needs() { return needs.value },
    get sync() { return sync },
    get notice() { return notice },
    /** Said when the browser has thrown this phone's copy away. */
    get lost() { return missing },
    get me() { return me },
    get emergencyNumber() { return me?.patient?.clinic.emergencyNumber ?? '' },
    stop() {
      stop()
      store.close()
    },
    erase,
  }
}

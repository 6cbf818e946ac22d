// What a caregiver has tapped, until the server has said what became of it. Every entry has an id made here, so that it can be sent as
// often as the network likes and is done once. It lies in localStorage, under the link's id; the token itself is kept nowhere.

export type Kind = 'start' | 'pain' | 'sign' | 'note' | 'end'
export type Entry = { id: string; kind: Kind; start: string; at: string; enteredAt: string; offset: number; zone: string; nrs?: number; sign?: string; text?: string }
export type Verdict = { id: string; verdict: 'applied' | 'repeat' | 'refused'; message: string; data?: Record<string, unknown> }
export type Seen = { id: string; kind: Kind; at: string; said: string }
export type View = { name: string; attack: { start: string; over: boolean; entries: Seen[] } | null }
export type State = { name: string; start: string; over: boolean; waiting: Entry[]; seen: Seen[]; refused: string[]; shut: boolean }

/** What the network does: the answer of the server, or null when none came. */
export type Post = (entries: Entry[]) => Promise<{ verdicts: Verdict[]; view: View } | 'shut' | null>
type Shelf = Pick<Storage, 'getItem' | 'setItem'>

const FRESH: State = { name: '', start: '', over: false, waiting: [], seen: [], refused: [], shut: false }
export const HOLD = 5_000

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'
const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(15)), byte => LETTERS[byte % 36]).join('')

export function openQueue(link: string, shelf: Shelf, post: Post, onChange: (state: State) => void, now = Date.now, reason = (_codes: string[], said: string) => said) {
  const place = `interictal-carer-${link}`
  let state: State = { ...FRESH, ...JSON.parse(shelf.getItem(place) ?? '{}'), shut: false }
  let sending = false
  let failures = 0

  function put(change: Partial<State>) {
    state = { ...state, ...change }
    shelf.setItem(place, JSON.stringify(state)) // on the phone first, then on the screen
    onChange(state)
  }

  /** A tap. It waits some seconds, in which it can be taken back. */
  function enter(kind: Kind, said: Pick<Entry, 'nrs' | 'sign' | 'text'> = {}, at = now()) {
    const id = newId()
    const start = kind === 'start' ? id : state.start
    const entry: Entry = { id, kind, start, at: new Date(at).toISOString(), enteredAt: new Date(now()).toISOString(), offset: -new Date(at).getTimezoneOffset(), zone: Intl.DateTimeFormat().resolvedOptions().timeZone, ...said }
    const begun = kind === 'start' ? { start: id, over: false, seen: [] } : kind === 'end' ? { over: true } : {}
    put({ ...begun, waiting: [...state.waiting, entry], refused: [] })
  }
  const held = (entry: Entry) => now() - Date.parse(entry.enteredAt) < HOLD
  /** The last entry, while it is held and nothing carries it away. */
  const undoable = () => (sending ? undefined : state.waiting.filter(held).at(-1))
  function undo() {
    const entry = undoable()
    if (!entry) return
    const back = entry.kind === 'start' ? { start: '' } : entry.kind === 'end' ? { over: false } : {}
    put({ ...back, waiting: state.waiting.filter(e => e.id !== entry.id) })
  }

  /** Sends what has waited long enough, in order; how long to wait before the next try. */
  async function send(all = false): Promise<number | null> {
    const first = state.waiting.findIndex(e => !all && held(e))
    const ready = first < 0 ? state.waiting : state.waiting.slice(0, first)
    if (sending || (!ready.length && state.name) || state.shut) return null
    sending = true
    const answer = await post(ready.slice(0, 50)).catch(() => null)
    sending = false
    if (answer === 'shut') return put({ shut: true, seen: [], name: '' }), null // what she has now is hers alone
    if (!answer) return Math.min(60_000, 1_000 * 2 ** failures++)
    failures = 0
    settle(answer.verdicts, answer.view)
    return state.waiting.length ? 0 : null
  }

  function settle(verdicts: Verdict[], view: View) {
    const settled = new Set(verdicts.map(v => v.id))
    const waiting = state.waiting.filter(e => !settled.has(e.id))
    const refused = verdicts.filter(v => v.verdict === 'refused')
    // what is tapped here and not sent yet goes before what the server knows
    const { attack } = view
    const begun = waiting.some(e => e.kind === 'start')
    const known = begun ? {} : attack ? { start: attack.start, over: attack.over || waiting.some(e => e.kind === 'end'), seen: attack.entries } : { start: '', over: false, seen: [] }
    put({ name: view.name, waiting, ...known, refused: [...state.refused, ...refused.map(v => reason(Object.keys(v.data ?? {}), v.message))] })
  }

  return { enter, undo, undoable, send, get state() { return state } }
}

// The caregiver's page, in plain DOM: the framework would be most of what a phone with a poor line has to load.
import './carer.css'
import { HOLD, openQueue, type Kind, type Post, type State } from './queue'
import { language, reason, text } from './text'

document.documentElement.lang = language

const HOUR = 3_600_000
const SIGNS = Object.keys(text.sign)
const token = () => location.hash.slice(1)
const clock = new Intl.DateTimeFormat(/^(en|es)\b/.test(navigator.language) ? navigator.language : 'en-GB', { hour: '2-digit', minute: '2-digit', weekday: 'short' })
const show = (at: string) => clock.format(new Date(at.replace(' ', 'T')))

type Child = Node | string | false | null | undefined
/** An element with its attributes (`on…` listens) and what is in it. */
function el(tag: string, given: Record<string, unknown> = {}, ...children: Child[]) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value as EventListener)
    else if (value === true && !name.startsWith('aria-')) node.setAttribute(name, '')
    else if ((value !== false || name.startsWith('aria-')) && value !== undefined) node.setAttribute(name, String(value))
  }
  node.append(...children.filter(c => c !== false && c !== null && c !== undefined))
  return node
}
const button = (word: string, onclick: () => void, given: Record<string, unknown> = {}) => el('button', { type: 'button', onclick, ...given }, word)

/** An answer that is none (no network, too many at once, a server that starts) is tried again. */
const post: Post = async entries => {
  const headers = { 'Content-Type': 'application/json', 'X-Caregiver-Token': token() }
  const request: RequestInit = { headers, cache: 'no-store', keepalive: true, signal: AbortSignal.timeout(20_000) }
  const answer = entries.length ? await fetch('/api/caregiver/entries', { ...request, method: 'POST', body: JSON.stringify({ entries }) }) : await fetch('/api/caregiver', request)
  if (answer.status === 404) return 'shut'
  if (!answer.ok) return null
  const said = await answer.json()
  return entries.length ? said : { verdicts: [], view: said }
}

let timer: ReturnType<typeof setTimeout>
let drawn = ''
const queue = openQueue(token().slice(0, 15), localStorage, post, draw, Date.now, reason)

async function go(all = false) {
  clearTimeout(timer)
  const wait = await queue.send(all)
  draw(queue.state)
  const first = queue.state.waiting[0]
  if (queue.state.shut) return
  if (wait !== null) timer = setTimeout(go, wait)
  else if (first) timer = setTimeout(go, Math.max(250, Date.parse(first.enteredAt) + HOLD - Date.now()))
}
function tap(kind: Kind, said = {}, at = Date.now()) {
  queue.enter(kind, said, at)
  navigator.vibrate?.(30)
  timer && clearTimeout(timer)
  timer = setTimeout(go, HOLD)
}

const said = (kind: string, what: string) => (kind === 'sign' ? (text.sign[what] ?? what) : [text.entry[kind], what].filter(Boolean).join(' '))

function rows({ seen, waiting, start }: State) {
  const known = new Set(seen.map(s => s.id))
  const here = waiting.filter(e => e.start === start && !known.has(e.id)).map(e => ({ id: e.id, kind: e.kind, at: e.at, said: String(e.nrs ?? e.sign ?? e.text ?? ''), waits: true }))
  return [...seen.map(s => ({ ...s, waits: false })), ...here].reverse()
}

function begin() {
  const earlier = [30, 60, 120, 240].map(min => button(text.ago(min), () => tap('start', {}, Date.now() - min * 60_000)))
  return [el('section', {}, button(text.start, () => tap('start'), { class: 'main huge' }), el('h2', {}, text.earlier), el('div', { class: 'pair' }, ...earlier))]
}

function work(state: State) {
  const list = rows(state)
  const began = list.find(r => r.kind === 'start')?.at
  const last = list.find(r => r.kind === 'pain')?.said
  const signs = new Set(list.filter(r => r.kind === 'sign').map(r => r.said))
  const end = (ago: number) => tap('end', {}, Math.max(began ? Date.parse(began.replace(' ', 'T')) : 0, Date.now() - ago))
  const box = el('input', { maxlength: 500, autocomplete: 'off', id: 'note' }) as HTMLInputElement
  box.value = (document.getElementById('note') as HTMLInputElement | null)?.value ?? '' // half a note outlives a redraw
  const note = (event: Event) => {
    event.preventDefault()
    const words = box.value.trim()
    if (!words) return
    box.value = ''
    const old = document.getElementById('note') as HTMLInputElement | null
    if (old) old.value = ''
    tap('note', { text: words })
  }
  return [
    began ? el('p', {}, text.since(show(began))) : null,
    el('section', { 'aria-labelledby': 'pain' }, el('h2', { id: 'pain' }, text.pain),
      el('div', { class: 'keys', role: 'group', 'aria-labelledby': 'pain' }, ...Array.from({ length: 11 }, (_, nrs) => button(String(nrs), () => tap('pain', { nrs }), { 'aria-pressed': String(nrs) === last })))),
    el('section', { 'aria-labelledby': 'signs' }, el('h2', { id: 'signs' }, text.signs),
      el('div', { class: 'pair', role: 'group', 'aria-labelledby': 'signs' }, ...SIGNS.map(sign => button(text.sign[sign]!, () => signs.has(sign) || tap('sign', { sign }), { 'aria-pressed': signs.has(sign) })))),
    el('form', { onsubmit: note }, el('section', {}, el('label', {}, text.note, el('span', { class: 'dim' }, text.noteLead), box), el('button', {}, text.add))),
    el('section', { 'aria-labelledby': 'over' }, el('h2', { id: 'over' }, text.over),
      el('div', { class: 'pair' }, button(text.now, () => end(0), { class: 'main' }), ...[60, 120].map(min => button(text.ago(min), () => end(min * HOUR / 60))))),
  ]
}

function log(state: State) {
  const list = rows(state)
  return list.length > 0 && el('section', { 'aria-labelledby': 'log' }, el('h2', { id: 'log' }, text.log),
    el('ul', { 'data-testid': 'log' }, ...list.map(r => el('li', {}, el('span', {}, said(r.kind, r.said)), el('span', { class: 'dim' }, show(r.at) + (r.waits ? `, ${text.waiting}` : ''))))))
}

function draw(state: State) {
  const undo = queue?.undoable()
  const now = JSON.stringify([state, undo?.id])
  if (now === drawn) return
  drawn = now
  const focus = (document.activeElement as HTMLElement | null)?.textContent ?? ''
  const typing = document.activeElement?.id === 'note'
  const working = state.start && !state.over
  const main = el('main', {},
    el('h1', {}, text.title),
    state.name && el('p', { class: 'dim' }, `${text.hello(state.name)} ${text.private}`),
    el('p', { class: 'warn', role: 'alert' }, state.shut ? [text.shut, state.waiting.length ? text.shutUnsent : ''].join(' ').trim() : state.refused.length ? [text.refused, ...new Set(state.refused)].join(' ') : ''),
    ...(state.shut ? [] : working ? work(state) : state.over ? [el('p', {}, text.done), ...begin()] : begin()),
    log(state),
    el('p', { class: 'warn' }, text.flags),
  )
  const bar = el('div', { class: 'said' }, el('p', { role: 'status' }, state.waiting.length ? text.unsent(state.waiting.length) : state.name ? text.sent : ''), undo && button(text.undo, () => (queue.undo(), draw(queue.state))))
  document.body.replaceChildren(main, bar)
  // the place of the hand stays
  if (typing) document.getElementById('note')?.focus()
  else if (focus) [...document.querySelectorAll('button')].find(b => b.textContent === focus)?.focus({ preventScroll: true })
}

draw(queue.state)
go()
addEventListener('online', () => go())
addEventListener('hashchange', () => location.reload())
addEventListener('pagehide', () => go(true)) // what is held goes along
document.addEventListener('visibilitychange', () => go(document.hidden))

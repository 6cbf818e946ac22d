import { expect, test } from 'vitest'
import { HOLD, openQueue, type Entry, type Post, type View } from './queue'

const shelf = () => {
  const kept = new Map<string, string>()
  return { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => void kept.set(k, v) }
}

/** A server that does each entry once, on a line that breaks before or after it was heard. */
function server(line: () => 'up' | 'deaf' | 'mute') {
  const done = new Map<string, Entry>()
  let over = false
  const view = (): View => {
    const start = [...done.values()].filter(e => e.kind === 'start').at(-1)
    return { name: 'Sam', attack: start ? { start: start.id, over, entries: [...done.values()].filter(e => e.start === start.id).map(e => ({ id: e.id, kind: e.kind, at: e.at, said: String(e.nrs ?? e.sign ?? e.text ?? '') })) } : null }
  }
  const post: Post = async entries => {
    const how = line()
    if (how === 'deaf') return null
    const verdicts = entries.map(e => {
      const known = done.has(e.id)
      if (!known) done.set(e.id, e), (over = e.kind === 'end' ? true : e.kind === 'start' ? false : over)
      return { id: e.id, verdict: known ? ('repeat' as const) : ('applied' as const), message: '' }
    })
    return how === 'mute' ? null : { verdicts, view: view() }
  }
  return { done, post, calls: 0 }
}

test('a tap lies on the phone before it is sent, can be taken back, and is sent once it cannot', async () => {
  let clock = Date.UTC(2026, 0, 20, 14)
  const kept = shelf()
  const { done, post } = server(() => 'up')
  const queue = openQueue('link', kept, post, () => {}, () => clock)
  await queue.send()
  queue.enter('start')
  queue.enter('pain', { nrs: 9 })
  expect(JSON.parse(kept.getItem('interictal-carer-link')!).waiting).toHaveLength(2)
  queue.undo()
  await queue.send()
  expect([done.size, queue.state.waiting.length]).toEqual([0, 1])
  clock += HOLD
  expect(queue.undoable()).toBeUndefined()
  await queue.send()
  expect([[...done.values()].map(e => e.kind), queue.state.waiting]).toEqual([['start'], []])
})

test('the token is kept nowhere', () => {
  const kept = shelf()
  openQueue('link', kept, async () => null, () => {}).enter('start')
  expect(Object.keys(JSON.parse(kept.getItem('interictal-carer-link')!))).not.toContain('token')
})

test('a shut link stops sending and keeps what was tapped', async () => {
  let clock = 0
  const queue = openQueue('link', shelf(), async () => 'shut', () => {}, () => clock)
  queue.enter('start')
  clock += HOLD
  expect(await queue.send()).toBeNull()
  expect([queue.state.shut, queue.state.waiting.length]).toEqual([true, 1])
})

test('a link taken back leaves nothing on the phone of what was sent by it', async () => {
  const kept = shelf()
  const { post } = server(() => 'up')
  let open = true
  const queue = openQueue('link', kept, async entries => (open ? post(entries) : 'shut'), () => {})
  queue.enter('start')
  queue.enter('pain', { nrs: 9 })
  await queue.send(true)
  expect(queue.state.seen).toHaveLength(2)
  open = false
  queue.enter('pain', { nrs: 4 })
  await queue.send(true)
  const { seen, waiting, name } = JSON.parse(kept.getItem('interictal-carer-link')!)
  expect([seen, waiting.length, name]).toEqual([[], 1, ''])
})

const random = (seed: number) => () => ((seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32)

test('over a line that breaks anywhere, with the page closed in between, every entry arrives once and in order', async () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))
  console.info(`seed ${seed}`)
  for (let round = 0; round < 60; round++) {
    const next = random(seed + round)
    let [clock, good] = [Date.UTC(2026, 0, 20, 14), false]
    const { done, post } = server(() => (good || next() < 0.4 ? 'up' : next() < 0.5 ? 'deaf' : 'mute'))
    const kept = shelf()
    let queue = openQueue('link', kept, post, () => {}, () => clock)
    const meant: string[] = []
    for (let step = 0; step < 40; step++) {
      clock += next() * 8_000
      const dice = next()
      if (dice < 0.15) queue = openQueue('link', kept, post, () => {}, () => clock)
      else if (dice < 0.45) await queue.send()
      else if (dice < 0.5 && queue.undoable()) meant.splice(meant.indexOf(queue.undoable()!.id), 1), queue.undo()
      else {
        if (!queue.state.start) queue.enter('start')
        else if (queue.state.over) queue.enter('start')
        else if (dice < 0.9) queue.enter('pain', { nrs: Math.floor(next() * 11) })
        else queue.enter('end')
        meant.push(queue.state.waiting.at(-1)!.id)
      }
    }
    good = true
    clock += HOLD
    for (let i = 0; i < 5; i++) await queue.send()
    expect([seed + round, [...done.keys()]]).toEqual([seed + round, meant])
    expect(queue.state.waiting).toEqual([])
  }
})

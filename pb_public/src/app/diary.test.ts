import 'fake-indexeddb/auto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openStore, type Store } from '../lib/store'
import { daysBefore, instant, stamp } from '../lib/time'
import { isOpen, openDiary, viewOf, type View } from './diary'
import { openWrites, viewBetween, viewOfAttack } from './writes'

let store: Store
const open = (store: Store) => ({ ...openDiary(store, 'adaadaadaadaada'), ...openWrites(store, 'adaadaadaadaada') })
let diary: ReturnType<typeof open>
let name = 0
beforeEach(() => {
  store = openStore(`diary-${name++}`)
  diary = open(store)
})
afterEach(() => store.erase())

/** What a screen is shown first. */
const seen = <T>(query: Parameters<typeof store.watch<T>>[0]) =>
  new Promise<T>(done => {
    const stop = store.watch(query, value => (done(value), setTimeout(() => stop())))
  })
const now = (): Promise<View> => seen(viewOf)
const begun = async () => (await diary.begin(), (await now()).attacks[0]!)

test('one attack at a time; a second tap begins nothing', async () => {
  await begun()
  expect(await diary.begin()).toEqual([])
  expect((await now()).attacks).toHaveLength(1)
})

test('phases follow one another, and the running one said again is over', async () => {
  const attack = await begun()
  const start = Date.now()
  for (const [i, phase] of (['prodrome', 'aura', 'headache', 'headache'] as const).entries()) await diary.phase(attack, phase, new Date(start + i * 60_000))
  const { phases } = await now()
  expect(phases.map(p => [p.phase, p.until])).toEqual([
    ['prodrome', stamp(start + 60_000)], ['aura', stamp(start + 120_000)], ['headache', stamp(start + 180_000)],
  ])
})
test('taking a phase back opens the one before again', async () => {
  const attack = await begun()
  await diary.phase(attack, 'aura')
  const undo = await diary.phase(attack, 'headache')
  await store.write(() => undo)
  expect((await now()).phases.map(p => [p.phase, p.until])).toEqual([['aura', '']])
})

test('places are said and taken back, in the order in which they were said', async () => {
  await begun()
  for (const place of ['neck_left', 'eye_right', 'neck_left', 'jaw_left']) await diary.place((await now()).attacks[0]!, place)
  expect((await now()).attacks[0]?.places).toBe('eye_right jaw_left')
})

test('two quick taps are two places, though the screen has not caught up', async () => {
  const attack = await begun()
  await Promise.all([diary.place(attack, 'eye_left'), diary.place(attack, 'neck_left')])
  expect((await now()).attacks[0]?.places).toBe('eye_left neck_left')
})

test('an attack written down later is not open, and leaves room for one now', async () => {
  const { id } = await diary.past(daysBefore(9))
  const past = (await seen(read => viewOfAttack(read, id))).attacks[0]!
  expect([isOpen(past), past.end_known]).toEqual([false, 'unknown'])
  await diary.begin()
  expect((await now()).attacks.filter(isOpen)).toHaveLength(1)
})

test('a past day takes the medicine answer later, and keeps what it had', async () => {
  await diary.day('2026-01-05', { headache: true })
  await diary.day('2026-01-05', { acute_medicine: false })
  const day = await seen(read => read.diary_days.toArray())
  expect(day).toMatchObject([{ day: '2026-01-05', headache: true, acute_medicine: false, neck_pain_nrs: null }])
})

test('a month shows what reaches into it, and nothing else', async () => {
  const [first, end] = [new Date(2026, 1, 1), new Date(2026, 2, 1)]
  const attack = async (started: Date, ended: Date | null) => {
    const { id } = await diary.past(started)
    if (ended) await store.write(() => [{ collection: 'attacks', row: { id, ended_at: stamp(ended), end_known: 'exact' } }])
    return id
  }
  await attack(new Date(2026, 0, 20), new Date(2026, 0, 21))
  const into = await attack(new Date(2026, 0, 31, 20), new Date(2026, 1, 1, 4))
  const within = await attack(new Date(2026, 1, 10), null)
  await attack(end, null)
  const view = await seen(read => viewBetween(read, first, end))
  expect(view.attacks.map(a => a.id)).toEqual([within, into])
})

test('a dose can be noted for a time that has passed, without an attack', async () => {
  const at = daysBefore(3)
  await diary.addDrug('Ibuprofen', 'simple_analgesic', '', at)
  const { doses, medications } = await now()
  expect([doses[0]?.attack, instant(doses[0]!.taken_at), medications[0]?.name]).toEqual(['', at.getTime(), 'Ibuprofen'])
  await diary.takeOut('medication_doses', doses[0]!.id)
  expect((await now()).doses).toEqual([])
})

import { expect, test } from 'vitest'
import { turns } from './turns'

test('an answer that comes after a later question was asked does not count', async () => {
  const turn = turns()
  const shown: string[] = []
  const ask = async (name: string, answer: Promise<unknown>) => {
    const last = turn()
    await answer
    if (last()) shown.push(name)
  }
  let late = () => {}
  const first = ask('first', new Promise<void>(done => (late = done)))
  await ask('second', Promise.resolve())
  late()
  await first
  expect(shown).toEqual(['second'])
})

test('each asker counts for itself', () => {
  const [one, other] = [turns(), turns()]
  const last = one()
  other()()
  expect(last()).toBe(true)
})

import { beforeEach, expect, test, vi } from 'vitest'
import { hasLock } from '../locked'
import { fits, opens, setLock, takeLockOff, waits } from './lock'

const kept = new Map<string, string>()
beforeEach(() => {
  kept.clear()
  vi.stubGlobal('localStorage', { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => kept.set(k, v), removeItem: (k: string) => kept.delete(k) })
})

test('a number opens, another does not, and the number itself is nowhere', async () => {
  await setLock('4711')
  expect([hasLock(), await opens('4712', 0), await opens('4711', 0)]).toEqual([true, false, true])
  expect([...kept.values()].join()).not.toContain('4711')
  takeLockOff()
  expect([hasLock(), await opens('', 0)]).toEqual([false, true])
})
test('after five wrong ones it waits, the right one too', async () => {
  await setLock('4711')
  for (let i = 0; i < 5; i++) await opens('0000', 1000)
  expect([waits(1000), await opens('4711', 2000), await opens('4711', 31_001)]).toEqual([30_000, false, true])
})
test.each([['123', false], ['1234', true], ['123456789012', true], ['1234567890123', false], ['12a4', false], ['', false]])('%s fits: %s', (pin, ok) => expect(fits(pin)).toBe(ok))

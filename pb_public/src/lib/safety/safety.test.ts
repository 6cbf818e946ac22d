import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { asksStill, attackAnswers } from './attack'
import { deviceGate, frontOfNeck, type DeviceAsked } from './devices'
import { effectOf, highest, judge, withKnown, type Answers, type Level } from './redflags'

// The tables that hooks/safety's own tests read: one table, two readers.
const read = (file: string) => JSON.parse(readFileSync(new URL(`../../../../hooks/safety/testdata/${file}`, import.meta.url), 'utf8'))

type Story = {
  name: string
  answers?: Answers
  known?: Answers
  attack?: Partial<Record<'now' | 'end' | 'still' | 'seen' | 'clear' | 'peak' | 'aura', number>> & { over?: boolean; sudden?: boolean; aura_usual?: boolean }
  shown: string
  codes: string[]
  asks?: boolean
}

const START = Date.UTC(2026, 0, 5)
const at = (minutes?: number) => (minutes === undefined ? 0 : START + minutes * 60e3)
const signs = (a: NonNullable<Story['attack']>) => ({
  start: START, end: at(a.end), stillAt: at(a.still), seen: at(a.seen), clear: at(a.clear), over: !!a.over,
  sudden: a.sudden, peak_minutes: a.peak, aura_minutes: a.aura, aura_usual: a.aura_usual,
})

describe('the phone gives each story the answer the server gives', () => {
  const stories: Story[] = [...read('vectors.json'), ...read('vignettes.json')]
  test.each(stories)('$name', s => {
    const said = s.attack ? withKnown(s.answers ?? {}, attackAnswers(signs(s.attack))) : (s.answers ?? {})
    const { findings, shown } = judge(withKnown(said, s.known ?? {}))
    expect({ shown, codes: findings.map(f => f.code) }).toEqual({ shown: s.shown, codes: s.codes })
    if (s.asks !== undefined && s.attack?.now !== undefined) expect(asksStill(signs(s.attack), at(s.attack.now))).toBe(s.asks)
  })
})

test('answers out of a hat say the same on both sides', () => {
  for (const { answers, codes, shown, open } of read('parity.json')) {
    const j = judge(answers)
    expect({ codes: j.findings.map(f => f.code), shown: j.shown, open: j.open }, JSON.stringify(answers)).toEqual({ codes, shown, open })
  }
})

test('devices and sites', () => {
  const { devices, sites } = read('devices.json') as { devices: (DeviceAsked & { name: string; found: string[]; missing: string[]; ready: boolean })[]; sites: { site: string; frontOfNeck: boolean }[] }
  for (const { name, found, missing, ready, ...asked } of devices) expect(deviceGate(asked), name).toEqual({ found, missing, ready })
  for (const { site, frontOfNeck: front } of sites) expect(frontOfNeck(site), site).toBe(front)
})

test('what open alerts stop', () => {
  expect(effectOf([])).toEqual({ plan: false, treatment: false, hands: false, progression: false, exercise: false })
  expect(effectOf(['soon', 'urgent'])).toEqual({ plan: false, treatment: false, hands: true, progression: true, exercise: false })
  expect(Object.values(effectOf(['worklist', 'emergency'])).every(Boolean)).toBe(true)
  expect(highest(['soon', 'worklist'] as Level[])).toBe('soon')
})

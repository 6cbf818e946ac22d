import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { decide, next, type Choices, type Kind } from './reminders'

type Next = { name: string; zone: string; at: string; after: string; next: string }
type Decide = Partial<Choices> & { name: string; kind: Kind; due: string; now: string; last?: string; attack?: boolean; done?: boolean; why: string }
const vectors: { next: Next[]; decide: Decide[] } = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../../hooks/reminders/testdata/vectors.json'), 'utf8'))

const was = process.env.TZ
afterAll(() => void (process.env.TZ = was))

test('when it comes next, in the zones of the vectors', () => {
  for (const { name, zone, at, after, next: wanted } of vectors.next) {
    process.env.TZ = zone
    expect(next(at, Date.parse(after)), name).toBe(Date.parse(wanted))
  }
})

test('whether it goes out', () => {
  process.env.TZ = 'America/New_York'
  const home: Choices = { diary_at: '20:30', exercise_at: '07:00', effect: true, quiet_from: '22:00', quiet_until: '07:00' }
  for (const { name, kind, due, now, last, attack = false, done = false, why, ...chosen } of vectors.decide)
    expect(decide({ ...home, ...chosen }, kind, { due: Date.parse(due), last: last ? Date.parse(last) : 0, attack, done }, Date.parse(now)), name).toBe(why)
})

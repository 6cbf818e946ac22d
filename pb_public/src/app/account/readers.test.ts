import { expect, test } from 'vitest'
import { looks, type AuditEvent } from './readers'

const event = (at: string, actor: string, action: string, collection: string): AuditEvent => ({ at: `2026-11-${at}:00.000Z`, actor, capacity: 'therapist', action, collection })

test('one line for each person and day; what I did myself, and the system, is left out', () => {
  const events = [
    event('20 09:00', 'amira', 'read', 'attacks'), event('20 09:05', 'amira', 'read', 'diary_days'), event('20 10:00', 'amira', 'change', 'plans'),
    event('20 11:00', 'ada', 'read', 'attacks'), event('20 11:00', 'system', 'change', 'plans'), event('21 09:00', 'x', 'read', 'attacks'), event('21 09:00', 'x', 'read', 'attacks'),
  ]
  expect(looks(events, new Map([['amira', 'Amira N.']]), 'ada').map(l => `${l.who}: ${l.what}`)).toEqual([
    'A therapist: read: attack', 'Amira N.: changed: your plan; read: day, attack',
  ])
})
test('whoever has a link is not taken for the clinic', () => {
  expect(looks([{ ...event('20 09:00', 'y', 'create', 'attacks'), capacity: 'caregiver' }], new Map(), 'ada')[0]).toMatchObject({ who: 'Somebody beside you, by your link', what: 'added: attack' })
})
test('an action or a kind that this app has never heard of is still shown', () => {
  expect(looks([event('20 09:00', 'y', 'sign', 'letters')], new Map(), 'ada')[0]?.what).toBe('sign: your diary')
})

import { expect, test } from 'vitest'
import { addDays, dayNumber, lasted, said, touched } from './panels'

const poke = (collectionName: string) => ({ action: 'create', record: { id: 'x', collectionName, patient: 'p' } })

test('a message touches the messages, the head and the history, and no number', () => {
  expect(touched([poke('care_messages')])).toEqual(['head', 'messages', 'history'])
})
test('an attack touches what counts attacks, and not the questionnaires', () => {
  const panels = touched([poke('attacks')])
  expect(panels).toEqual(expect.arrayContaining(['change', 'timeline', 'diary', 'neck', 'triggers', 'exercises']))
  expect(panels).not.toContain('exam')
  expect(panels).not.toContain('measured')
  expect(panels).not.toContain('messages')
})
test('after a gap everything is asked for again', () => {
  expect(touched([null]).length).toBe(14)
  expect(touched([])).toEqual([])
})
test('days are counted by the calendar', () => {
  expect(dayNumber('2026-03-30') - dayNumber('2026-03-28')).toBe(2) // over a clock change
  expect(addDays('2026-02-28', 1)).toBe('2026-03-01')
})
test('a length in words', () => {
  expect([lasted(0, 59 * 60_000), lasted(0, 120 * 60_000), lasted(0, 125 * 60_000)]).toEqual(['59 min', '2 h', '2 h 5 min'])
  expect(said('new_health_issue')).toBe('new health issue')
})

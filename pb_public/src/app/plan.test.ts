import { expect, test } from 'vitest'
import { stamp } from '../lib/time'
import { calendarFile } from './care/calendar'
import { comingVisits, nextVisit, planNow, reached, visitsAgreed, weekOf } from './plan'

const plan = (state: string, start_date: string) => ({ state, start_date }) as Parameters<typeof planNow>[0][number]

test('the plan that runs is shown, else the last that ran, never a draft', () => {
  expect(planNow([plan('completed', '2026-09-01'), plan('active', '2026-06-01'), plan('draft', '')])?.state).toBe('active')
  expect(planNow([plan('completed', '2026-06-01'), plan('discharged', '2026-09-01')])?.state).toBe('discharged')
  expect(planNow([plan('draft', ''), plan('voided', '2026-09-01')])).toBeUndefined()
})

test.each([
  ['2026-10-26', '2026-10-26', 1], ['2026-10-26', '2026-11-01', 1], ['2026-10-26', '2026-11-02', 2], ['2026-10-26', '2026-12-06', 6],
  ['2026-03-23', '2026-03-30', 2], ['2026-10-26', '2026-10-25', 0], ['', '2026-10-25', 0],
])('a plan from %s is on %s in week %i', (start, today, week) => expect(weekOf(start, today)).toBe(week))

test('an extension of visits counts, an extension of time alone does not take any away', () => {
  expect([visitsAgreed({ planned_visits: 6, extended_visits: 0 }), visitsAgreed({ planned_visits: 6, extended_visits: 10 })]).toEqual([6, 10])
})

test('the next visit is the first that is still to come', () => {
  const now = Date.UTC(2026, 10, 22, 12)
  const visit = (hours: number, status = 'scheduled') => ({ id: String(hours), status, scheduled_at: stamp(now + hours * 3_600_000) })
  expect(nextVisit([visit(50), visit(-30), visit(20, 'cancelled_clinic'), visit(30)], now)?.id).toBe('30')
  expect(comingVisits([visit(50), visit(-1), visit(30)], now).map(v => v.id)).toEqual(['-1', '30', '50'])
  expect(nextVisit([visit(-30)], now)).toBeUndefined()
})

test.each([
  [12, 6, 6, 'there'], [12, 6, 9, 'closer'], [12, 6, 12, 'same'], [12, 6, 14, 'further'], [12, 6, null, null], [null, 6, 9, 'same'], [12, null, 9, null],
] as const)('a goal from %s to %s at %s: %s', (baseline, target, value, says) => expect(reached({ baseline, target, value, direction: 'lower' })).toBe(says))
test('higher may be better', () => expect(reached({ baseline: 2, target: 8, value: 5, direction: 'higher' })).toBe('closer'))

test('a visit as a calendar file: in UTC, escaped, folded, and it names no illness', () => {
  const file = calendarFile({ id: 'visit0000000001', scheduled_at: '2026-11-26 15:30:00.000Z' }, 'Visit, Dr. Łukasz; ' + 'ü'.repeat(50), Date.UTC(2026, 10, 22))
  expect(file).toContain('DTSTART:20261126T153000Z\r\nDTEND:20261126T161500Z\r\n')
  expect(file).toContain('SUMMARY:Visit\\, Dr. Łukasz\\; ')
  expect(file.endsWith('END:VEVENT\r\nEND:VCALENDAR\r\n')).toBe(true)
  expect(Math.max(...file.split('\r\n').map(line => new TextEncoder().encode(line).length))).toBeLessThanOrEqual(75)
  expect(file.replaceAll('\r\n ', '')).toContain('ü'.repeat(50))
})

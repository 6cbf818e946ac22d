import { expect, test } from 'vitest'
import vectors from '../../../../hooks/calendar/testdata/vectors.json'
import { calendarFile } from '../../app/care/calendar'
import { atClinic, daysFrom, wallClock } from './when'

test('the clinic’s clock is its own, also when the clocks change', () => {
  for (const { local, zone, as } of vectors.utc) {
    expect(new Date(atClinic(local, zone)).toISOString().replace(/[-:]|\.\d+/g, '')).toBe(as)
    expect(wallClock(atClinic(local, zone), zone)).toBe(local)
  }
})
test('a week has seven days, also over a change of the year', () => expect(daysFrom('2025-12-29')[6]).toBe('2026-01-04'))

// The phone's own file of one visit keeps the same rules as the server's feed.
test('the phone folds and escapes as the server does', () => {
  for (const { line, folded } of vectors.fold) expect(calendarFile({ id: 'v', scheduled_at: '2026-01-05 15:00:00.000Z' }, line.slice(8), 0)).toContain(`\r\n${folded}\r\n`)
  for (const { text, as } of vectors.escape) expect(calendarFile({ id: 'v', scheduled_at: '2026-01-05 15:00:00.000Z' }, text, 0)).toContain(`SUMMARY:${as}\r\n`)
  expect(calendarFile({ id: 'v', scheduled_at: '2026-01-05 15:00:00.000Z' }, 'Visit', 0)).toContain('DTSTART:20260105T150000Z\r\nDTEND:20260105T154500Z')
})

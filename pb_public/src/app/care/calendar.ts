// A visit in the phone's calendar (RFC 5545).
import { instant } from '../../lib/time'
import type { Visit } from '../../lib/types'

const utc = (at: number) => new Date(at).toISOString().replace(/[-:]|\.\d+/g, '')
const escaped = (words: string) => words.replace(/[\\;,]/g, c => `\\${c}`).replace(/\n/g, '\\n')

/** Lines of 75 octets at most, the next one indented. */
function fold(line: string) {
  const parts: string[] = []
  let part = ''
  for (const letter of line) {
    if (new TextEncoder().encode(part + letter).length > (parts.length ? 74 : 75)) parts.push(part), (part = '')
    part += letter
  }
  return [...parts, part].join('\r\n ')
}

/** It says no more than that there is a visit: a calendar is read by others. */
export function calendarFile(visit: Pick<Visit, 'id' | 'scheduled_at'>, title: string, now: number, minutes = 45) {
  const start = instant(visit.scheduled_at)
  const lines = [
    'BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Interictal//EN', 'BEGIN:VEVENT', `UID:${visit.id}@interictal`, `DTSTAMP:${utc(now)}`,
    `DTSTART:${utc(start)}`, `DTEND:${utc(start + minutes * 60_000)}`, `SUMMARY:${escaped(title)}`, 'END:VEVENT', 'END:VCALENDAR',
  ]
  return lines.map(fold).join('\r\n') + '\r\n'
}

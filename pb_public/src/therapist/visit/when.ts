// The clinic's clock, wherever the computer stands.

const parts = (at: number, timeZone: string) =>
  Object.fromEntries(new Intl.DateTimeFormat('en-GB', { timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' }).formatToParts(at).map(p => [p.type, p.value]))

/** An instant as the clinic's wall shows it: `2026-01-08T10:00`. */
export function wallClock(at: number, timeZone: string) {
  const p = parts(at, timeZone)
  return `${p.year}-${p.month}-${p.day}T${p.hour}:${p.minute}`
}

/** The instant at which the clinic's wall shows a time; of an hour that the clocks skip, the one after. */
export function atClinic(wall: string, timeZone: string) {
  const meant = Date.parse(`${wall}:00Z`)
  const shown = (at: number) => Date.parse(`${wallClock(at, timeZone)}:00Z`)
  let at = meant - (shown(meant) - meant)
  at -= shown(at) - meant
  return shown(at) === meant ? at : at + (meant - shown(at))
}

/** The days of a week from its first, as calendar days. */
export const daysFrom = (first: string, count = 7) => Array.from({ length: count }, (_, i) => new Date(Date.parse(`${first}T00:00:00Z`) + i * 86_400_000).toISOString().slice(0, 10))

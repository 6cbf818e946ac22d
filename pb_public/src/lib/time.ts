/** Instants as the server writes them, so that rows made here and rows sent to us sort as one. */
export const stamp = (at: number | Date = Date.now()) => new Date(at).toISOString().replace('T', ' ')

export const instant = (stamp: string) => Date.parse(stamp.replace(' ', 'T'))

/** Minutes east of UTC at that moment, where this phone is. */
export const offset = (at: number | Date = Date.now()) => -new Date(at).getTimezoneOffset()

export const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone

const two = (n: number) => String(n).padStart(2, '0')

/** The calendar day where this phone is. */
export function day(at: number | Date = Date.now()) {
  const date = new Date(at)
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

export function daysBefore(count: number, at: number | Date = Date.now()) {
  const date = new Date(at)
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() - count)
}

/** The reader's own way of writing dates, where it is the page's language too. */
const locale = (page = globalThis.document?.documentElement.lang || 'en') =>
  globalThis.navigator?.languages?.find(l => l.startsWith(page)) ?? (page === 'en' ? 'en-GB' : page)
const formats: Record<string, Intl.DateTimeFormat> = {}

/** Named for what they look like: `time` 09:12, `date` 5 Jan, `weekday` Mon, `when` Mon 5 Jan 09:12, `long` Monday 5 January, `month` January 2026. */
const LOOKS = {
  time: { hour: '2-digit', minute: '2-digit' },
  date: { day: 'numeric', month: 'short' },
  weekday: { weekday: 'short' },
  when: { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
  long: { weekday: 'long', day: 'numeric', month: 'long' },
  month: { month: 'long', year: 'numeric' },
} satisfies Record<string, Intl.DateTimeFormatOptions>

export function show(look: keyof typeof LOOKS, at: number | Date, timeZone?: string) {
  const key = `${look} ${timeZone}`
  formats[key] ??= new Intl.DateTimeFormat(locale(), { ...LOOKS[look], ...(timeZone ? { timeZone } : {}) })
  return formats[key].format(at)
}

/** A length of time, in any of our languages. */
export const hours = (min: number) => (min < 60 ? `${min} min` : min % 60 ? `${Math.floor(min / 60)} h ${min % 60} min` : `${min / 60} h`)

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** A record id, made on the device so that a row has its final name before it ever meets the server. */
export const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(15)), byte => LETTERS[byte % 36]).join('')

/** Two phones that log the same day make the same row. */
export const dayId = (patient: string, day: string) => patient + day.replaceAll('-', '')

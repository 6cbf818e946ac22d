import { show } from '../lib/time'

/** A sentence of the server with its days as a person says them: 2026-11-22 is 22 Nov. */
export const dated = (sentence: string) => sentence.replace(/\b\d{4}-\d\d-\d\d\b/g, day => show('date', new Date(`${day}T12:00`)))

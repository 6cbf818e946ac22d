const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'

/**
 * An id that follows from what the row is about, so that two phones which make it without a network make the same row
 * (docs/decisions/017). Nobody can guess it who does not know the parts, among them the patient's and the plan's own ids.
 */
export async function madeOf(...parts: string[]) {
  const sum = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(parts.join('|')))
  return Array.from(new Uint8Array(sum).subarray(0, 25), byte => LETTERS[byte % 36]).join('')
}

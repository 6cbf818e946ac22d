/** A short mark of a text (FNV-1a, 32 bits): what a translation is found by, so that a text the clinic changed has none. */
export function mark(words: string) {
  let hash = 0x811c9dc5
  for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ words.charCodeAt(i), 0x01000193)
  return (hash >>> 0).toString(36)
}

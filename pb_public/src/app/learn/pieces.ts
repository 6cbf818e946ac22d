// A text as it is shown: paragraphs, short headings (`# …`), lists (`- …`). No markup is read, so none can be let in.
export type Piece = { words: string; heading: boolean; list: string[] }

const paragraphs = (body: string) => body.replaceAll('\r', '').split(/\n\s*\n/).map(p => p.trim()).filter(Boolean)

export const pieces = (body: string): Piece[] => paragraphs(told(body)).map(pieceOf)

function pieceOf(paragraph: string): Piece {
  const lines = paragraph.split('\n').map(l => l.trim())
  if (lines.every(l => l.startsWith('- '))) return { words: '', heading: false, list: lines.map(l => l.slice(2)) }
  if (lines.length === 1 && paragraph.startsWith('# ')) return { words: paragraph.slice(2), heading: true, list: [] }
  return { words: lines.join(' '), heading: false, list: [] }
}

/** A text may end with what it wants to hear back; that is asked below it. */
export function question(body: string) {
  const last = paragraphs(body).at(-1) ?? ''
  return last.endsWith('?') && paragraphs(body).length > 1 ? last : ''
}
const told = (body: string) => (question(body) ? paragraphs(body).slice(0, -1).join('\n\n') : body)

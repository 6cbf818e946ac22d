// A file of commas and quotes (RFC 4180), with the line each row begins in. What is not well formed is read as far as it can be. A
// spreadsheet that opened the file saves it with other marks between the cells, and in other letters.
export type Line = { line: number; cells: string[] }

/** `open` is the line of a quote that never ends; everything from there on is one cell. */
export function parse(text: string, between = ','): { rows: Line[]; open: number } {
  const rows: Line[] = []
  let [row, cell, quoted, line, open]: [Line, string, boolean, number, number] = [{ line: 1, cells: [] }, '', false, 1, 0]
  const endCell = () => (row.cells.push(cell.trim()), (cell = ''))
  const endRow = () => (endCell(), rows.push(row), (row = { line: line + 1, cells: [] }))
  const input = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  for (let i = 0; i < input.length; i++) {
    const c = input[i]!
    if (quoted && c === '"' && input[i + 1] === '"') (cell += '"'), i++
    else if (quoted && c === '"') (quoted = false), (open = 0)
    else if (!quoted && c === '"' && !cell.trim()) (quoted = true), (cell = ''), (open = line)
    else if (!quoted && c === between) endCell()
    else if (!quoted && c === '\n') endRow()
    else cell += c
    if (c === '\n') line++
  }
  if (cell || row.cells.length) endRow()
  return { rows, open }
}

export const empty = ({ cells }: Line) => cells.every(c => !c)

/** UTF-8 is known by its form and UTF-16 by its first mark; what is neither was written by Windows in the letters of Western Europe. */
export function letters(bytes: ArrayBuffer) {
  const [first, second] = new Uint8Array(bytes)
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

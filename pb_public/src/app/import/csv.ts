// A file of commas and quotes (RFC 4180), with the line each row begins in. What is not well formed is read as far as it can be.
export type Line = { line: number; cells: string[] }

/** `open` is the line of a quote that never ends; everything from there on is one cell. */
export function parse(text: string): { rows: Line[]; open: number } {
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
    else if (!quoted && c === ',') endCell()
    else if (!quoted && c === '\n') endRow()
    else cell += c
    if (c === '\n') line++
  }
  if (cell || row.cells.length) endRow()
  return { rows, open }
}

export const empty = ({ cells }: Line) => cells.every(c => !c)

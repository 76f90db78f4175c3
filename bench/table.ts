/** A table of results, as formatted text. */
export interface Table {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** For a terminal: aligned columns, numbers right-aligned. */
export function textTable({ title, head, rows }: Table): string {
  const widths = columnWidths([head, ...rows])
  const line = (row: readonly string[]): string => alignedCells(row, widths).join('  ').trimEnd()
  return [title, line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)]
    .filter((text) => text !== '')
    .join('\n')
}

/** For a Markdown document; aligned, so that the source is readable too. */
export function markdownTable({ title, head, rows }: Table): string {
  const widths = columnWidths([head, ...rows])
  const line = (cells: readonly string[]): string =>
    `| ${alignedCells(cells, widths).join(' | ')} |`
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  )
  const table = [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n')
  return title === '' ? table : `${title}:\n\n${table}`
}

/** At least three, for the delimiter row of Markdown. */
function columnWidths(rows: readonly (readonly string[])[]): number[] {
  return rows[0].map((_, column) => Math.max(3, ...rows.map((row) => row[column].length)))
}

/** The first column left-aligned, all others right-aligned. */
function alignedCells(row: readonly string[], widths: readonly number[]): string[] {
  return row.map((cell, column) =>
    column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
  )
}

import { escapeUnprintable } from '@tetragon-ts/api'

const gap = '   '
/** Widest column: processes choose their arguments, and one of them would pad all lines. */
const widthMax = 200

/**
 * Lines of cells in aligned columns. Cells are made printable. A cell of more than 200 characters
 * only moves the cells after it.
 * @param right right-aligned columns, such as numbers
 */
export function tableLines(
  rows: readonly (readonly string[])[],
  right: ReadonlySet<number> = new Set(),
): string[] {
  const clean = rows.map((cells) => cells.map(escapeUnprintable))
  const widths: number[] = []
  for (const cells of clean) {
    for (const [i, { length }] of cells.entries()) {
      widths[i] = Math.max(widths[i] ?? 0, length > widthMax ? 0 : length)
    }
  }
  return clean.map((cells) => {
    return cells
      .map((cell, i) => (right.has(i) ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join(gap)
      .trimEnd()
  })
}

/** Bytes in units of 1000, such as `1.50 MB`. */
export function humanBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  const units = 'kMGTPE'
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), units.length)
  return `${(bytes / 1000 ** power).toFixed(2)} ${units[power - 1]}B`
}

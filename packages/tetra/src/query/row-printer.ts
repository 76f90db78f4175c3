import { escapeUnprintable, terminalJson } from '@tetragon-ts/api'
import { tableLines } from '../table.ts'

export const rowFormats = ['table', 'json', 'csv'] as const
export type RowFormat = (typeof rowFormats)[number]

/** Types whose values are aligned to the right. */
const number = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL)/

type Row = readonly unknown[]

/** Writes rows as text. */
export interface RowPrinter {
  /** Lines before the first row. */
  readonly head: readonly string[]
  /** Lines of some rows. */
  lines(rows: readonly Row[]): string[]
}

/** @param types of the columns, as DuckDB names them */
export function rowPrinter(
  format: RowFormat,
  names: readonly string[],
  types: readonly string[],
): RowPrinter {
  return printers[format](names, types)
}

const printers: Readonly<
  Record<RowFormat, (names: readonly string[], types: readonly string[]) => RowPrinter>
> = {
  json: (names, types) => ({
    head: [],
    lines: (rows) => {
      return rows.map((row) => {
        const entries = names.map((name, i) => [name, jsonValue(row[i], types[i])])
        return terminalJson(JSON.stringify(Object.fromEntries(entries)))
      })
    },
  }),
  csv: (names) => ({
    head: [names.map(csvCell).join(',')],
    lines: (rows) => rows.map((row) => row.map((cell) => csvCell(text(cell))).join(',')),
  }),
  table: (names, types) => {
    const right = new Set(types.flatMap((type, i) => (number.test(type) ? [i] : [])))
    let isFirst = true
    return {
      head: [],
      // Each part has widths of its own: a result may be larger than the memory.
      lines: (rows) => {
        const head = isFirst ? [names.map((name) => name.toUpperCase())] : []
        isFirst = false
        return tableLines([...head, ...rows.map((row) => row.map(text))], right)
      },
    }
  },
}

/** DuckDB gives large numbers and JSON as text; numbers above 2⁵³ stay that. */
function jsonValue(cell: unknown, type: string): unknown {
  if (typeof cell !== 'string') return cell
  if (type === 'JSON') return JSON.parse(cell)
  return number.test(type) && Number.isSafeInteger(Number(cell)) ? Number(cell) : cell
}

function text(cell: unknown): string {
  if (cell === null || cell === undefined) return ''
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell)
}

/** RFC 4180. Spreadsheets execute what begins with these signs, which attackers may choose. */
function csvCell(value: string): string {
  const shown = escapeUnprintable(value)
  const isFormula = /^[=+\-@]/.test(shown) && !/^-?\d+(\.\d+)?$/.test(shown)
  const safe = isFormula ? `'${shown}` : shown
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

import { codecOf, escapeUnprintable, GetEventsResponse } from '@tetragon-ts/api'
import type { Subject } from '../store/filter.ts'
import type { ExportFormatName } from './export-formats.ts'

/** What a format needs of an event. */
export interface ExportedEvent {
  /** Milliseconds since 1970. */
  readonly time: number
  readonly line: string
  readonly fields: Subject['fields']
  readonly bytes: Uint8Array
}

interface ExportLines {
  /** The first line; empty: there is none. */
  readonly head: string
  /** An event with its line end. @throws Error if it cannot be decoded */
  readonly line: (event: ExportedEvent) => string
}

const codec = codecOf(GetEventsResponse)

/** Columns of a table, besides time and line. */
const fields = [
  'kind',
  'node',
  'pod',
  'container',
  'user',
  'pid',
  'binary',
  'policy',
  'action',
  'level',
  'rule',
] as const satisfies readonly (keyof Subject['fields'])[]

/** The lines of files. */
export const exportLines: Readonly<Record<ExportFormatName, ExportLines>> = {
  json: { head: '', line: ({ bytes }) => `${JSON.stringify(codec.decode(bytes))}\n` },
  csv: {
    head: csvLine(['time', ...fields, 'event']),
    line: ({ time, line, fields: values }) => {
      const own = fields.map((field) => values[field] ?? '')
      return csvLine([new Date(time).toISOString(), ...own, line])
    },
  },
}

function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

/**
 * A cell as RFC 4180 has it. Names that processes chose must not be formulas of a spreadsheet, nor
 * commands for a terminal.
 */
function csvCell(text: string): string {
  const visible = escapeUnprintable(text)
  const harmless = /^[=+\-@]/.test(visible) ? `'${visible}` : visible
  return /[",]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

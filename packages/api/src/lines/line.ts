import type { Process } from '../messages/process.ts'
import type { Colour } from './colour.ts'

/** One column of a line, unescaped: the printer escapes every column. */
export interface Column {
  readonly text: string
  readonly colour?: Colour
}

/** Content of a line; the printer adds the process, colours and separating blanks. */
export interface Line {
  /** Emoji at the start of the line. */
  readonly icon: string
  /** Word after the emoji, padded to seven columns. */
  readonly word: string
  /** Colour of emoji and word, blue if not set. */
  readonly colour?: Colour
  /** The process that caused the event; null for the few lines that show none. */
  readonly process: Process | undefined | null
  readonly columns: readonly Column[]
}

/** A column in cyan. A missing value results in an empty, uncoloured column. */
export function detail(text: string | undefined): Column {
  return text === undefined ? { text: '' } : { text, colour: 'cyan' }
}

/** A column without colour. */
export function plain(text = ''): Column {
  return { text }
}

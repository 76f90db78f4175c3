import type { Process } from '../messages/process.ts'
import type { Colour } from './colour.ts'

/**
 * One column of a line. Text is taken as it came from outside: the printer escapes every column,
 * so that a line cannot forget to.
 */
export interface Column {
  readonly text: string
  readonly colour?: Colour
}

/** What a kind of event says in one line; the printer adds colours, the process and the blanks. */
export interface Line {
  /** Emoji that begins the line. */
  readonly icon: string
  /** Word after the emoji, filled up to seven columns. */
  readonly word: string
  /** Colour of emoji and word, blue if not set. */
  readonly colour?: Colour
  /** The process that caused the event; null for the few lines that show none. */
  readonly process: Process | undefined | null
  readonly columns: readonly Column[]
}

/** A column with a detail of the event. A detail that is missing leaves an empty column. */
export function detail(text: string | undefined): Column {
  return text === undefined ? { text: '' } : { text, colour: 'cyan' }
}

import type { Reader } from './reader.ts'
import type { ReverseWriter } from './writer.ts'

/** Reads and writes a value in its JSON form; the field handles the tag. */
export interface ValueCodec {
  readonly wire: 0 | 2
  /** Value of an unset field; undefined for messages. */
  readonly zero?: unknown
  /** Whether a value equals an unset one. */
  readonly isZero: (value: never) => boolean
  /** Whether a value has no wire form and is omitted: an unknown name of an enum. */
  readonly isUnknown?: (value: never) => boolean
  /** Writes the value, with its length if it is delimited. */
  readonly write: (writer: ReverseWriter, value: never) => void
  /** Reads the value; `old` is the previous value of the field, into which messages are merged. */
  readonly read: (reader: Reader, old?: unknown) => unknown
}

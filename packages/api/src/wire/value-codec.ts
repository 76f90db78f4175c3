import type { Reader } from './reader.ts'
import type { ReverseWriter } from './writer.ts'

/** How one value, in its JSON form, is written and read; the tag is the field's business. */
export interface ValueCodec {
  readonly wire: 0 | 2
  /** What a field that is not set means; undefined for messages, which are set or not. */
  readonly zero?: unknown
  /** Whether a value is the same as not being set. */
  readonly isZero: (value: never) => boolean
  /** Whether a value has no wire form and is left out: a name that the enum does not have. */
  readonly isUnknown?: (value: never) => boolean
  /** Writes the value, with its length if it has one. */
  readonly write: (writer: ReverseWriter, value: never) => void
  /** Reads the value; `old` is what the field held before, which messages are merged into. */
  readonly read: (reader: Reader, old?: unknown) => unknown
}

import type { Reader } from './reader.ts'
import type { ReverseWriter } from './writer.ts'

/**
 * Reads and writes a value in its JSON form; the field handles the tag.
 *
 * `In` is the type that it writes, `Out` the type that it reads. By default only the declaration of
 * the field knows them.
 */
export interface ValueCodec<In = never, Out = unknown> {
  readonly wire: 0 | 1 | 2
  /** Value of an unset field; undefined for messages. */
  readonly zero?: Out
  /** Whether a value equals an unset one. */
  readonly isZero: (value: In) => boolean
  /** Whether a value has no wire form and is omitted: an unknown name of an enum. */
  readonly isUnknown?: (value: In) => boolean
  /** Writes the value, with its length if it is delimited. */
  readonly write: (writer: ReverseWriter, value: In) => void
  /** Reads the value; `old` is the previous value of the field, into which messages are merged. */
  readonly read: (reader: Reader, old?: unknown) => Out
}

/** The codec of a scalar, which always has a default. */
export interface ScalarCodec<In, Out extends In = In> extends ValueCodec<In, Out> {
  readonly zero: Out
}

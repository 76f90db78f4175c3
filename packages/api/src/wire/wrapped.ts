import { type Reader, wireType } from './reader.ts'
import type { ValueCodec } from './value-codec.ts'
import type { ReverseWriter } from './writer.ts'

/** A message in its codec: `write` in reverse without length, `field` for each tag. */
export function wellKnown<T, State>(
  write: (writer: ReverseWriter, value: T) => void,
  begin: () => State,
  field: (reader: Reader, tag: number, state: State) => boolean,
  finish: (state: State) => T,
): ValueCodec {
  return {
    wire: wireType.bytes,
    isZero: () => false,
    write: (writer, value: T) => {
      const { length } = writer
      write(writer, value)
      writer.varint(writer.length - length)
    },
    read: (reader) => {
      const state = begin()
      reader.within(() => {
        const tag = reader.tag()
        if (!field(reader, tag, state)) reader.skip(tag)
      })
      return finish(state)
    },
  }
}

/** Int32Value and the like: a message whose only field is the value. */
export function wrapper(inner: ValueCodec): ValueCodec {
  const tag = (1 << 3) | inner.wire
  return wellKnown<never, { value: unknown }>(
    (writer, value) => {
      if (inner.isZero(value)) return
      inner.write(writer, value)
      writer.varint(tag)
    },
    () => ({ value: inner.zero }),
    (reader, found, state) => {
      if (found !== tag) return false
      state.value = inner.read(reader)
      return true
    },
    ({ value }) => value as never,
  )
}

import { type Reader, wireType } from './reader.ts'
import type { ScalarCodec, ValueCodec } from './value-codec.ts'
import type { ReverseWriter } from './writer.ts'

/** A message in its codec: `write` in reverse without length, `field` for each tag. */
export function wellKnown<In, State, Out extends In = In>(
  write: (writer: ReverseWriter, value: In) => void,
  begin: () => State,
  field: (reader: Reader, tag: number, state: State) => boolean,
  finish: (state: State) => Out,
): ValueCodec<In, Out> {
  return {
    wire: wireType.bytes,
    isZero: () => false,
    write: (writer, value) => {
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
export function wrapper<In, Out extends In>(inner: ScalarCodec<In, Out>): ValueCodec<In, Out> {
  const tag = (1 << 3) | inner.wire
  return wellKnown<In, { value: Out }, Out>(
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
    ({ value }) => value,
  )
}

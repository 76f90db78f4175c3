import { wireType } from './reader.ts'
import { scalarCodecs } from './scalars.ts'
import type { ValueCodec } from './value-codec.ts'
import type { ReverseWriter } from './writer.ts'

/** Writes a field with its tag, or nothing if its value is the default. */
export type WriteField<In = never> = (writer: ReverseWriter, value: In) => void

/** A field with one value. */
export function writeOne<In>(
  codec: ValueCodec<In>,
  number: number,
  hasPresence: boolean,
): WriteField<In> {
  const tag = number * 8 + codec.wire
  const { write, isZero, isUnknown } = codec
  return (writer, value) => {
    if (isUnknown?.(value) || (!hasPresence && isZero(value))) return
    write(writer, value)
    writer.varint(tag)
  }
}

/** A list: scalars are packed. */
export function writeMany(codec: ValueCodec, number: number): WriteField {
  const { write, isUnknown } = codec
  const tag = number * 8 + wireType.bytes
  const isPacked = codec.wire !== wireType.bytes
  return (writer, values: readonly never[]) => {
    if (values.length === 0) return
    const { length } = writer
    for (let i = values.length - 1; i >= 0; i--) {
      if (isUnknown?.(values[i])) continue
      write(writer, values[i])
      if (!isPacked) writer.varint(tag)
    }
    if (!isPacked || writer.length === length) return
    writer.varint(writer.length - length)
    writer.varint(tag)
  }
}

/** A map: a list of messages with a key and a value. */
export function writeMap(codec: ValueCodec, number: number): WriteField {
  const tag = number * 8 + wireType.bytes
  const writeValue = writeOne(codec, 2, false)
  const writeKey = writeOne(scalarCodecs.string, 1, false)
  return (writer, map: Record<string, never>) => {
    for (const key of Object.keys(map).reverse()) {
      const { length } = writer
      writeValue(writer, map[key])
      writeKey(writer, key)
      writer.varint(writer.length - length)
      writer.varint(tag)
    }
  }
}

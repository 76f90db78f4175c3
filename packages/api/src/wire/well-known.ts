import { any } from './any.ts'
import { formatDuration, formatTimestamp, parseDuration, parseTimestamp } from './instants.ts'
import { wireType } from './reader.ts'
import { scalarCodecs } from './scalars.ts'
import type { ValueCodec } from './value-codec.ts'
import { wellKnown, wrapper } from './wrapped.ts'

/** Codecs of the messages of google.protobuf whose JSON form is not an object of their fields. */

/** Timestamp and Duration: seconds and nanoseconds. */
function instant(
  parse: (text: string) => readonly [seconds: number, nanos: number],
  format: (seconds: number, nanos: number) => string,
): ValueCodec<string, string> {
  return wellKnown<string, { seconds: number; nanos: number }>(
    (writer, text) => {
      const [seconds, nanos] = parse(text)
      if (nanos !== 0) {
        writer.int32(nanos)
        writer.varint(2 << 3)
      }
      if (seconds !== 0) {
        writer.int64(seconds)
        writer.varint(1 << 3)
      }
    },
    () => ({ seconds: 0, nanos: 0 }),
    (reader, tag, state) => {
      if (tag === 1 << 3) state.seconds = Number(reader.int64())
      else if (tag === 2 << 3) state.nanos = reader.varint() | 0
      else return false
      return true
    },
    ({ seconds, nanos }) => format(seconds, nanos),
  )
}

const pathTag = (1 << 3) | wireType.bytes

/** Paths in snake_case; camelCase, as in protojson, is accepted. */
const fieldMask = wellKnown<string, string[]>(
  (writer, text) => {
    const paths = text.split(',').filter((path) => path !== '')
    for (const path of paths.reverse()) {
      const snake = path.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
      scalarCodecs.string.write(writer, snake)
      writer.varint(pathTag)
    }
  },
  () => [],
  (reader, tag, paths) => {
    if (tag !== pathTag) return false
    paths.push(reader.text())
    return true
  },
  (paths) => paths.join(','),
)

export const wellKnownCodecs = {
  Int32Value: wrapper(scalarCodecs.int32),
  UInt32Value: wrapper(scalarCodecs.uint32),
  BoolValue: wrapper(scalarCodecs.bool),
  Timestamp: instant(parseTimestamp, formatTimestamp),
  Duration: instant(parseDuration, formatDuration),
  FieldMask: fieldMask,
  Any: any,
}

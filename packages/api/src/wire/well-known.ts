import type { AnyJson } from '../message.ts'
import { formatDuration, formatTimestamp, parseDuration, parseTimestamp } from './instants.ts'
import { Reader, wireType } from './reader.ts'
import { scalarCodecs } from './scalars.ts'
import type { ValueCodec } from './value-codec.ts'
import { ReverseWriter } from './writer.ts'

/** Codecs of the messages of google.protobuf whose JSON form is not an object of their fields. */

/** A message as its codec sees it: `write` in reverse without length, `field` for each tag. */
function wellKnown<T, State>(
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
function wrapper(inner: ValueCodec): ValueCodec {
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

/** Timestamp and Duration: seconds and nanoseconds. */
function instant(
  parse: (text: string) => readonly [seconds: number, nanos: number],
  format: (seconds: number, nanos: number) => string,
): ValueCodec {
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

/** Paths in snake_case; those in camelCase, as protojson writes them, are understood. */
const fieldMask = wellKnown<string, string[]>(
  (writer, text) => {
    const paths = text.split(',').filter((path) => path !== '')
    for (const path of paths.reverse()) {
      const snake = path.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
      scalarCodecs.string.write(writer, snake as never)
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

const google = 'type.googleapis.com/google.protobuf.'
const known = new Map<string, ValueCodec>([
  [`${google}StringValue`, scalarCodecs.string],
  [`${google}BoolValue`, scalarCodecs.bool],
])

/** The bytes of a value in an Any. */
function packed(json: AnyJson): Buffer {
  const inner = known.get(json['@type'])
  if (inner === undefined) return Buffer.from(String(json.value ?? ''), 'base64')
  const writer = new ReverseWriter()
  const value = (json.value ?? inner.zero) as never
  if (inner.isZero(value)) return writer.take()
  inner.write(writer, value)
  writer.varint((1 << 3) | inner.wire)
  return writer.take()
}

const any = wellKnown<AnyJson, { type: string; bytes: Buffer }>(
  (writer, json) => {
    const bytes = packed(json)
    writer.bytes(bytes)
    writer.varint(bytes.length)
    writer.varint((2 << 3) | wireType.bytes)
    scalarCodecs.string.write(writer, json['@type'] as never)
    writer.varint(pathTag)
  },
  () => ({ type: '', bytes: Buffer.alloc(0) }),
  (reader, tag, state) => {
    if (tag === pathTag) state.type = reader.text()
    else if (tag === ((2 << 3) | wireType.bytes)) state.bytes = reader.bytes()
    else return false
    return true
  },
  ({ type, bytes }) => ({ '@type': type, value: unpacked(type, bytes) }),
)

function unpacked(type: string, bytes: Buffer): string | boolean {
  const inner = known.get(type)
  if (inner === undefined) return bytes.toString('base64')
  const framed = new ReverseWriter()
  framed.bytes(bytes)
  framed.varint(bytes.length)
  const reader = new Reader(framed.take())
  return wrapper(inner).read(reader) as string | boolean
}

export const wellKnownCodecs = {
  Int32Value: wrapper(scalarCodecs.int32),
  UInt32Value: wrapper(scalarCodecs.uint32),
  BoolValue: wrapper(scalarCodecs.bool),
  Timestamp: instant(parseTimestamp, formatTimestamp),
  Duration: instant(parseDuration, formatDuration),
  FieldMask: fieldMask,
  Any: any,
}

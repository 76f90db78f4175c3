import { allocate, type Bytes, base64, fromBase64 } from '#platform'
import type { AnyJson } from '../message.ts'
import { ProtobufError } from './protobuf-error.ts'
import { Reader, wireType } from './reader.ts'
import { scalarCodecs } from './scalars.ts'
import type { ValueCodec } from './value-codec.ts'
import { wellKnown, wrapper } from './wrapped.ts'
import { ReverseWriter } from './writer.ts'

const firstTag = (1 << 3) | wireType.bytes
const stringTag = (3 << 3) | wireType.bytes

/**
 * google.protobuf.ListValue: a list of google.protobuf.Value, of which only strings are supported.
 */
const listOfStrings = wellKnown<readonly string[], string[], string[]>(
  (writer, values) => {
    for (const value of values.toReversed()) {
      const { length } = writer
      scalarCodecs.string.write(writer, value)
      writer.varint(stringTag)
      writer.varint(writer.length - length)
      writer.varint(firstTag)
    }
  },
  () => [],
  (reader, tag, values) => {
    if (tag !== firstTag) return false
    reader.within(() => {
      const kind = reader.tag()
      if (kind === stringTag) values.push(reader.text())
      else reader.skip(kind)
    })
    return true
  },
  (values) => values,
)

const google = 'type.googleapis.com/google.protobuf.'

type Value = NonNullable<AnyJson['value']>

/** A type of settings. */
interface KnownType {
  /** Writes a value with its length; undefined is the default. @throws ProtobufError */
  readonly write: (writer: ReverseWriter, value: Value | undefined) => void
  readonly read: (reader: Reader) => Value
}

function knownType<T extends Value>(
  codec: ValueCodec<T, Value>,
  zero: T,
  isValid: (value: Value) => value is T,
): KnownType {
  return {
    write(writer, value = zero) {
      if (isValid(value)) return codec.write(writer, value)
      throw new ProtobufError('invalid_value', `encode Any: invalid value ${JSON.stringify(value)}`)
    },
    read: codec.read,
  }
}

const isText = (value: Value): value is string => typeof value === 'string'
const isBool = (value: Value): value is boolean => typeof value === 'boolean'
const isList = (value: Value): value is readonly string[] => Array.isArray(value)

/** Types of settings. Values of other types stay bytes: base64 in JSON. */
const known: ReadonlyMap<string, KnownType> = new Map([
  [`${google}StringValue`, knownType(wrapper(scalarCodecs.string), '', isText)],
  [`${google}BoolValue`, knownType(wrapper(scalarCodecs.bool), false, isBool)],
  [`${google}Int64Value`, knownType(wrapper(scalarCodecs.int64), '0', isText)],
  [`${google}ListValue`, knownType(listOfStrings, [], isList)],
])

/** Writes a value with its length. */
function pack(writer: ReverseWriter, { '@type': type, value }: AnyJson): void {
  const codec = known.get(type)
  if (codec !== undefined) return codec.write(writer, value)
  const bytes = fromBase64(String(value ?? ''))
  writer.bytes(bytes)
  writer.varint(bytes.length)
}

function unpack(type: string, bytes: Bytes): AnyJson['value'] {
  const codec = known.get(type)
  if (codec === undefined) return base64(bytes)
  const framed = new ReverseWriter()
  framed.bytes(bytes)
  framed.varint(bytes.length)
  return codec.read(new Reader(framed.take()))
}

/** google.protobuf.Any. */
export const any = wellKnown<AnyJson, { type: string; bytes: Bytes }>(
  (writer, json) => {
    pack(writer, json)
    writer.varint((2 << 3) | wireType.bytes)
    scalarCodecs.string.write(writer, json['@type'])
    writer.varint(firstTag)
  },
  () => ({ type: '', bytes: allocate(0) }),
  (reader, tag, state) => {
    if (tag === firstTag) state.type = reader.text()
    else if (tag === ((2 << 3) | wireType.bytes)) state.bytes = reader.bytes()
    else return false
    return true
  },
  ({ type, bytes }) => ({ '@type': type, value: unpack(type, bytes) }),
)

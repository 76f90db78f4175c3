import { base64, fromBase64 } from '#platform'
import type { DoubleJson, EnumType } from '../message.ts'
import { ProtobufError } from './protobuf-error.ts'
import { type Reader, wireType } from './reader.ts'
import type { ScalarCodec, ValueCodec } from './value-codec.ts'
import type { ReverseWriter } from './writer.ts'

/** Codecs of the scalar types of protobuf. */

function scalar<T>(
  wire: 0 | 2,
  zero: T,
  write: (writer: ReverseWriter, value: T) => void,
  read: (reader: Reader) => T,
): ScalarCodec<T> {
  return { wire, zero, isZero: (value) => value === zero, write, read }
}

/** Digits or a number; both may be zero. */
function wide(read: (reader: Reader) => string): ScalarCodec<string | number, string> {
  return {
    wire: 0,
    zero: '0',
    isZero: (value) => Number(value) === 0,
    write: (writer, value) => writer.int64(value),
    read,
  }
}

function within(value: number, low: number, high: number): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value
  throw new ProtobufError('invalid_value', `encode integer: ${value} is not from ${low} to ${high}`)
}

/** JSON has no numbers that are not finite, only their names. */
function doubleOf(value: DoubleJson): number {
  const number = Number(value)
  const isName = !Number.isFinite(number) && String(number) === value
  if (typeof value === 'number' || isName) return number
  throw new ProtobufError('invalid_value', `encode double: '${value}' is not a number`)
}

function delimited(writer: ReverseWriter, write: () => void): void {
  const { length } = writer
  write()
  writer.varint(writer.length - length)
}

export const scalarCodecs = {
  string: scalar(
    2,
    '',
    (writer, text) => delimited(writer, () => writer.text(text)),
    (reader) => reader.text(),
  ),
  bytes: scalar(
    2,
    '',
    (writer, text) => delimited(writer, () => writer.bytes(fromBase64(text))),
    (reader) => base64(reader.bytes()),
  ),
  bool: scalar(
    0,
    false,
    (writer, value) => writer.varint(value ? 1 : 0),
    (reader) => reader.bool(),
  ),
  int32: scalar(
    0,
    0,
    (writer, value) => writer.int32(within(value, -(2 ** 31), 2 ** 31 - 1)),
    (reader) => reader.varint() | 0,
  ),
  uint32: scalar(
    0,
    0,
    (writer, value) => writer.varint(within(value, 0, 2 ** 32 - 1)),
    (reader) => reader.varint(),
  ),
  int64: wide((reader) => reader.int64()),
  uint64: wide((reader) => reader.uint64()),
  fixed64: {
    ...wide((reader) => reader.fixed64()),
    wire: wireType.fixed64,
    write: (writer, value) => writer.fixed64(value),
  } satisfies ScalarCodec<string | number, string>,
  double: {
    wire: wireType.fixed64,
    zero: 0,
    // Minus zero is written, as by others.
    isZero: (value) => Object.is(value, 0),
    write: (writer, value) => writer.double(doubleOf(value)),
    read: (reader) => {
      const value = reader.double()
      return Number.isFinite(value) ? value : (String(value) as DoubleJson)
    },
  } satisfies ScalarCodec<DoubleJson>,
}

/** An enum: known values by name, others by number. */
export function enumCodec({ values }: EnumType): ValueCodec<string | number> {
  const numbers = new Map<string, number>(Object.entries(values))
  const names = new Map([...numbers].map(([name, number]) => [number, name]))
  const numberOf = (value: string | number): number | undefined =>
    typeof value === 'number' ? value : numbers.get(value)
  return {
    wire: 0,
    zero: names.get(0),
    isZero: (value) => numberOf(value) === 0,
    isUnknown: (value) => numberOf(value) === undefined,
    write: (writer, value) => writer.int32(numberOf(value) as number),
    read: (reader) => {
      const number = reader.varint() | 0
      return names.get(number) ?? number
    },
  }
}

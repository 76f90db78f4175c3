import fc from 'fast-check'
import type { Field, MessageOf, MessageType, ScalarType } from '../message.ts'

/** Generates messages of any type in decoded form: without fields of default value. */

const text = fc.string({ unit: 'binary', maxLength: 80 })
const decimals = fc
  .nat(999_999_999)
  .map((nanos) => (nanos === 0 ? '' : `.${`${nanos}`.padStart(9, '0').replace(/(000){1,2}$/, '')}`))
const second = fc.integer({ min: -62_135_596_800, max: 253_402_300_799 })
const uint32 = fc.nat(2 ** 32 - 1)
const int32 = fc.integer()
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String)
const base64 = fc
  .uint8Array({ maxLength: 40 })
  .map((bytes) => Buffer.from(bytes).toString('base64'))
const words = fc.array(fc.stringMatching(/^[a-z]{1,8}(\.[a-z]{1,8})?$/), { maxLength: 4 })

const scalars: Record<ScalarType, fc.Arbitrary<unknown>> = {
  string: text,
  bytes: base64,
  bool: fc.boolean(),
  int32,
  uint32,
  int64,
  uint64,
  fixed64: uint64,
  double: fc.double().map((value) => (Number.isFinite(value) ? value : String(value))),
  Int32Value: int32,
  UInt32Value: uint32,
  BoolValue: fc.boolean(),
  Timestamp: fc
    .tuple(second, decimals)
    .map(([at, rest]) => `${new Date(at * 1000).toISOString().slice(0, 19)}${rest}Z`),
  Duration: fc.tuple(fc.nat(10 ** 9), decimals).map(([seconds, rest]) => `${seconds}${rest}s`),
  FieldMask: words.map((paths) => paths.join(',')),
  Any: fc.oneof(
    text.map((value) => ({ '@type': 'type.googleapis.com/google.protobuf.StringValue', value })),
    fc
      .boolean()
      .map((value) => ({ '@type': 'type.googleapis.com/google.protobuf.BoolValue', value })),
    int64.map((value) => ({ '@type': 'type.googleapis.com/google.protobuf.Int64Value', value })),
    fc
      .array(text, { maxLength: 3 })
      .map((value) => ({ '@type': 'type.googleapis.com/google.protobuf.ListValue', value })),
  ),
}

const zeros = new Set<unknown>(['', 0, '0', false])

function fieldValue(type: Field<unknown>['type'], depth: number): fc.Arbitrary<unknown> {
  if (typeof type === 'string') return scalars[type]
  if (type.kind === 'enum') return fc.constantFrom(...Object.keys(type.values))
  return arbitraryMessage(type, depth - 1)
}

function isDefault(field: Field<unknown>, value: unknown): boolean {
  if (field.type === 'Timestamp' || /Value$/.test(String(field.type))) return false
  if (typeof field.type !== 'string') {
    return field.type.kind === 'enum' && field.type.values[value as string] === 0
  }
  return field.type !== 'FieldMask' && zeros.has(value)
}

function fieldOf(field: Field<unknown>, keepsZero: boolean, depth: number): fc.Arbitrary<unknown> {
  const value = fieldValue(field.type, depth)
  if (field.shape === 'many') return fc.array(value, { minLength: 1, maxLength: 3 })
  if (field.shape === 'map') {
    const entries = fc.array(fc.tuple(text, value), { minLength: 1, maxLength: 3 })
    return entries.map((pairs) => Object.fromEntries(pairs))
  }
  return keepsZero ? value : value.filter((each) => !isDefault(field, each))
}

/** Messages with some of their fields; of each group at most one. `depth` limits nesting. */
export function arbitraryMessage<M extends MessageType>(
  type: M,
  depth = 5,
): fc.Arbitrary<MessageOf<M>> {
  const groups = Object.values(type.oneofs ?? {})
  const isMessage = ({ type }: Field<unknown>): boolean =>
    typeof type !== 'string' && type.kind === 'message'
  const names = Object.keys(type.fields).filter(
    (name) => depth > 0 || !isMessage(type.fields[name]),
  )
  return fc.subarray(names, { maxLength: Math.min(8, names.length) }).chain((chosen) => {
    const kept = chosen.filter((name) => {
      const group = groups.find((members) => members.includes(name))
      return group === undefined || chosen.find((other) => group.includes(other)) === name
    })
    const model = kept.map((name) => {
      const field = type.fields[name]
      const keepsZero = field.optional === true || groups.some((group) => group.includes(name))
      return [name, fieldOf(field, keepsZero, depth)] as const
    })
    return fc.record(Object.fromEntries(model), { noNullPrototype: true })
  }) as fc.Arbitrary<MessageOf<M>>
}

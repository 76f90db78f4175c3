import { type Scalar, s8, s16, s32, s64, u8, u16, u32, u64 } from '@tetragon-ts/ebpf/records'
import { asInt } from '../hook/hit.ts'
import type { ArgumentType } from './argument-type.ts'
import { jsonInteger, jsonInteger64 } from './json.ts'

type Integer<V extends number | bigint> = ArgumentType<{ readonly value: Scalar<V> }>

/** A number with a width, and its JSON. */
export function integerType<V extends number | bigint>(
  codec: Scalar<V>,
  json: Integer<V>['json'],
): Integer<V> {
  const bits = (codec.size * 8) as 8 | 16 | 32 | 64
  const { signed } = codec
  return {
    facets: ['number'],
    expects: { kind: 'number', bits },
    shape: { value: codec },
    tailMax: 0,
    costly: false,
    lasts: true,
    read({ k }, raw) {
      const whole = asInt(k, raw)
      const value =
        bits === 64 ? whole : signed ? whole.signed(bits) : whole.and((1n << BigInt(bits)) - 1n)
      return { fields: () => ({ value }), integer: { value, signed, bits } }
    },
    json,
  }
}

/** Up to 32 bits, in a field of the API. */
function integer(codec: Scalar<number>, field: 'int_arg' | 'uint_arg') {
  return integerType(codec, (out, { fields }) => {
    out.latin1(`"${field}":`)
    jsonInteger(out, fields.value)
  })
}

/** 64 bits. */
function wide(codec: Scalar<bigint>, field: 'long_arg' | 'size_arg') {
  return integerType(codec, (out, { fields }) => {
    out.latin1(`"${field}":`)
    jsonInteger64(out, fields.valueHigh, fields.valueLow, codec.signed)
  })
}

export const integerTypes = {
  sint8: integer(s8, 'int_arg'),
  int8: integer(s8, 'int_arg'),
  uint8: integer(u8, 'uint_arg'),
  sint16: integer(s16, 'int_arg'),
  int16: integer(s16, 'int_arg'),
  uint16: integer(u16, 'uint_arg'),
  int: integer(s32, 'int_arg'),
  sint32: integer(s32, 'int_arg'),
  int32: integer(s32, 'int_arg'),
  uint32: integer(u32, 'uint_arg'),
  sint64: wide(s64, 'long_arg'),
  int64: wide(s64, 'long_arg'),
  long: wide(s64, 'long_arg'),
  uint64: wide(u64, 'size_arg'),
  ulong: wide(u64, 'size_arg'),
  size_t: wide(u64, 'size_arg'),
}

import { type Scalar, s8, s16, s32, s64, u8, u16, u32, u64 } from '@tetragon-ts/ebpf/records'
import type { ArgumentTypeName } from '@tetragon-ts/policy'
import { asInt } from '../hit.ts'
import type { ArgumentType, DecodedArgument } from './argument-type.ts'
import { jsonInteger, jsonInteger64 } from './json.ts'
import type { JsonWriter } from './json-writer.ts'

type Field = 'int_arg' | 'uint_arg' | 'long_arg' | 'size_arg'

type IntegerShape = { value: Scalar }
type Json = ArgumentType<IntegerShape>['json']

/** A number of a width, with its JSON. */
export function integerType(
  names: readonly ArgumentTypeName[],
  codec: Scalar,
  json: Json,
): ArgumentType<IntegerShape> {
  const bits = (codec.size * 8) as 8 | 16 | 32 | 64
  const { signed } = codec
  return {
    names,
    wants: { kind: 'number', bits },
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

/** The number in a field of the API. */
function shownAs(field: Field, { size, signed }: Scalar): Json {
  return (out: JsonWriter, { fields }: DecodedArgument<IntegerShape>): void => {
    out.latin1(`"${field}":`)
    if (size < 8) return jsonInteger(out, fields.value)
    const { valueHigh, valueLow } = fields as unknown as Record<'valueHigh' | 'valueLow', number>
    jsonInteger64(out, valueHigh, valueLow, signed)
  }
}

const integer = (names: readonly ArgumentTypeName[], codec: Scalar, field: Field) =>
  integerType(names, codec, shownAs(field, codec))

export const integerTypes = [
  integer(['sint8', 'int8'], s8, 'int_arg'),
  integer(['uint8'], u8, 'uint_arg'),
  integer(['sint16', 'int16'], s16, 'int_arg'),
  integer(['uint16'], u16, 'uint_arg'),
  integer(['int', 'sint32', 'int32'], s32, 'int_arg'),
  integer(['uint32'], u32, 'uint_arg'),
  integer(['sint64', 'int64', 'long'], s64, 'long_arg'),
  integer(['uint64', 'ulong', 'size_t'], u64, 'size_arg'),
]

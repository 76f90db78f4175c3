import type { Codec } from './codec.ts'

/** Number of bytes of a scalar. */
export type ScalarSize = 1 | 2 | 4 | 8

/** An integer field. `V` is what user space sees: a number, or a bigint where 64 bits need it. */
export interface Scalar<V extends number | bigint = number | bigint> extends Codec<V> {
  readonly kind: 'scalar'
  readonly size: ScalarSize
  readonly signed: boolean
}

/** A fixed number of equal scalars. */
export interface ArrayType<E extends Scalar = Scalar> extends Codec<readonly number[]> {
  readonly kind: 'array'
  readonly element: E
  readonly length: number
}

/** Bytes of any length at the end of a record: no padding to a maximum crosses the border. */
export interface Tail {
  readonly kind: 'tail'
}

function scalar<V extends number | bigint>(
  size: ScalarSize,
  signed: boolean,
  encode: (view: DataView, offset: number, value: V) => void,
  decode: (view: DataView, offset: number) => V,
): Scalar<V> {
  return {
    kind: 'scalar',
    size,
    signed,
    encode: (value, view, offset) => encode(view, offset, value),
    decode,
  }
}

export const u8: Scalar<number> = scalar(
  1,
  false,
  (view, offset, value) => view.setUint8(offset, value),
  (view, offset) => view.getUint8(offset),
)

export const s8: Scalar<number> = scalar(
  1,
  true,
  (view, offset, value) => view.setInt8(offset, value),
  (view, offset) => view.getInt8(offset),
)

export const s16: Scalar<number> = scalar(
  2,
  true,
  (view, offset, value) => view.setInt16(offset, value, true),
  (view, offset) => view.getInt16(offset, true),
)

export const u16: Scalar<number> = scalar(
  2,
  false,
  (view, offset, value) => view.setUint16(offset, value, true),
  (view, offset) => view.getUint16(offset, true),
)

export const u32: Scalar<number> = scalar(
  4,
  false,
  (view, offset, value) => view.setUint32(offset, value, true),
  (view, offset) => view.getUint32(offset, true),
)

export const s32: Scalar<number> = scalar(
  4,
  true,
  (view, offset, value) => view.setInt32(offset, value, true),
  (view, offset) => view.getInt32(offset, true),
)

export const u64: Scalar<bigint> = scalar(
  8,
  false,
  (view, offset, value) => view.setBigUint64(offset, BigInt.asUintN(64, BigInt(value)), true),
  (view, offset) => view.getBigUint64(offset, true),
)

export const s64: Scalar<bigint> = scalar(
  8,
  true,
  (view, offset, value) => view.setBigInt64(offset, BigInt.asIntN(64, BigInt(value)), true),
  (view, offset) => view.getBigInt64(offset, true),
)

/** `length` scalars in a row, such as the ten namespace numbers of a process. */
export function arrayOf<E extends Scalar>(element: E, length: number): ArrayType<E> {
  const { size } = element
  return {
    kind: 'array',
    element,
    length,
    size: size * length,
    encode(values, view, offset) {
      for (let i = 0; i < length; i++) element.encode(values[i] ?? 0, view, offset + i * size)
    },
    decode: (view, offset) =>
      Array.from({ length }, (_, i) => Number(element.decode(view, offset + i * size))),
  }
}

/** Bytes of any length; only the last fields of a record may be tails. */
export const tail: Tail = { kind: 'tail' }

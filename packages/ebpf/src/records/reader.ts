import type { ArrayType, Scalar, Tail } from './field-type.ts'
import type { FieldLayout, RecordType, Shape } from './record.ts'

/** Memory that holds records, as typed arrays over the same bytes. Offsets are multiples of 8. */
export interface RecordMemory {
  readonly bytes: Uint8Array
  readonly halves: Uint16Array
  readonly words: Uint32Array
  readonly signed: Int32Array
}

/** Typed arrays over one buffer; `byteOffset` must be a multiple of 4. */
export function recordMemory(
  buffer: ArrayBufferLike,
  byteOffset = 0,
  length = buffer.byteLength - byteOffset,
): RecordMemory {
  return {
    bytes: new Uint8Array(buffer, byteOffset, length),
    halves: new Uint16Array(buffer, byteOffset, length >> 1),
    words: new Uint32Array(buffer, byteOffset, length >> 2),
    signed: new Int32Array(buffer, byteOffset, length >> 2),
  }
}

/**
 * Bytes of a tail: an offset into {@link RecordMemory.bytes} and a length. Valid until the next
 * `at`.
 */
export interface TailView {
  readonly offset: number
  readonly length: number
}

/** Elements of an array field, read in place. */
export interface ArrayView {
  readonly length: number
  at(index: number): number
}

type Wide<S extends Shape> = { [K in keyof S]: S[K] extends Scalar<bigint> ? K : never }[keyof S] &
  string

/**
 * Fields of a record in place. A 64-bit field reads as a number, exact below 2^53; `nameHigh` and
 * `nameLow` are its exact halves.
 */
export type Fields<S extends Shape> = {
  readonly [K in keyof S]: S[K] extends Scalar
    ? number
    : S[K] extends ArrayType
      ? ArrayView
      : S[K] extends RecordType<infer N>
        ? Fields<N>
        : S[K] extends Tail
          ? TailView
          : never
} & { readonly [K in Wide<S> as `${K}High` | `${K}Low`]: number }

/** A cursor over records of one type: move it with `at`, read fields as properties, in place. */
export type RecordReader<S extends Shape> = Fields<S> & {
  /** Moves to the record that starts `offset` bytes into the memory; allocates nothing. */
  at(offset: number): void
}

interface Cursor {
  base: number
}

const twoTo32 = 4294967296

/** Makes a cursor over `memory`. Each call makes new accessors: keep the reader, move it. */
export function reader<S extends Shape>(
  type: RecordType<S>,
  memory: RecordMemory,
): RecordReader<S> {
  const cursor: Cursor = { base: 0 }
  const fields = fieldsOf(type as RecordType, memory, cursor, 0)
  Object.defineProperty(fields, 'at', {
    value: (offset: number) => {
      cursor.base = offset
    },
  })
  return fields as RecordReader<S>
}

function fieldsOf(type: RecordType, memory: RecordMemory, cursor: Cursor, offset: number): object {
  const fields = {}
  for (const field of type.fields) {
    const at = offset + field.offset
    switch (field.type.kind) {
      case 'scalar':
        defineScalar(fields, field.name, field.type, memory, cursor, at)
        break
      case 'record':
        Object.defineProperty(fields, field.name, {
          value: fieldsOf(field.type, memory, cursor, at),
        })
        break
      case 'array':
        Object.defineProperty(fields, field.name, {
          value: arrayView(field.type, memory, cursor, at),
        })
        break
      case 'tail':
        Object.defineProperty(fields, field.name, {
          value: tailView(type, field, memory, cursor, offset),
        })
        break
    }
  }
  return fields
}

function defineScalar(
  target: object,
  name: string,
  type: Scalar,
  memory: RecordMemory,
  cursor: Cursor,
  at: number,
): void {
  const get = scalarGetter(type, memory, cursor, at)
  Object.defineProperty(target, name, { get, enumerable: true })
  if (type.size !== 8) return
  const { words } = memory
  Object.defineProperty(target, `${name}Low`, { get: () => words[(cursor.base + at) >>> 2] })
  Object.defineProperty(target, `${name}High`, { get: () => words[(cursor.base + at + 4) >>> 2] })
}

function scalarGetter(
  type: Scalar,
  { bytes, halves, words, signed }: RecordMemory,
  cursor: Cursor,
  at: number,
): () => number {
  switch (type.size) {
    case 1:
      return type.signed
        ? () => (bytes[cursor.base + at] << 24) >> 24
        : () => bytes[cursor.base + at]
    case 2:
      return type.signed
        ? () => (halves[(cursor.base + at) >>> 1] << 16) >> 16
        : () => halves[(cursor.base + at) >>> 1]
    case 4:
      return type.signed
        ? () => signed[(cursor.base + at) >>> 2]
        : () => words[(cursor.base + at) >>> 2]
    case 8: {
      const high = type.signed ? signed : words
      return () => {
        const index = (cursor.base + at) >>> 2
        return words[index] + high[index + 1] * twoTo32
      }
    }
  }
}

function arrayView(
  type: ArrayType,
  memory: RecordMemory,
  cursor: Cursor,
  offset: number,
): ArrayView {
  const { length, element } = type
  const shifted: Cursor = {
    get base() {
      return cursor.base + index * element.size
    },
    set base(_) {},
  }
  let index = 0
  const get = scalarGetter(element, memory, shifted, offset)
  return {
    length,
    at(i) {
      index = i
      return get()
    },
  }
}

function tailView(
  type: RecordType,
  field: FieldLayout,
  { words }: RecordMemory,
  cursor: Cursor,
  offset: number,
): TailView {
  const before = type.tails.slice(0, type.tails.indexOf(field)).map((tail) => offset + tail.offset)
  const lengthAt = offset + field.offset
  return {
    get length() {
      return words[(cursor.base + lengthAt) >>> 2]
    },
    get offset() {
      let at = cursor.base + offset + type.size
      for (const length of before) at += words[(cursor.base + length) >>> 2]
      return at
    },
  }
}

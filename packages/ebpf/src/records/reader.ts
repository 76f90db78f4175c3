import { type ArrayType, type Scalar, type Tail, u32 } from './field-type.ts'
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

/** The record that a reader and its fields show. */
interface Position extends RecordMemory {
  readonly view: DataView
  /** Start of the record. */
  base: number
}

/** Makes a cursor over `memory`: keep the reader, move it. */
export function reader<S extends Shape>(
  type: RecordType<S>,
  memory: RecordMemory,
): RecordReader<S> {
  const { buffer, byteOffset, byteLength } = memory.bytes
  const view = new DataView(buffer, byteOffset, byteLength)
  const position: Position = { ...memory, view, base: 0 }
  const fields = recordFields(type as RecordType, position, 0)
  Object.defineProperty(fields, 'at', {
    value: (offset: number) => {
      position.base = offset
    },
  })
  return fields as object as RecordReader<S>
}

function recordFields(type: RecordType, position: Position, offset: number): RecordFields {
  const FieldsOfType = classOf(type)
  const fields = new FieldsOfType(position, offset)
  for (const field of type.fields) {
    const value = fieldValue(type, field, position, offset)
    if (value !== undefined) Object.defineProperty(fields, field.name, { value })
  }
  return fields
}

/** The value of a field that is not a number. */
function fieldValue(
  record: RecordType,
  { name, type, offset: at }: FieldLayout,
  position: Position,
  offset: number,
): RecordFields | ArrayView | TailView | undefined {
  switch (type.kind) {
    case 'scalar':
      return undefined
    case 'record':
      return recordFields(type, position, offset + at)
    case 'array':
      return new ArrayElements(type, position, offset + at)
    case 'tail':
      return new TailBytes(record, name, position)
  }
}

/**
 * Fields of a record. Classes with accessors for the numbers are derived from it. Its own members
 * have names that no field has.
 */
class RecordFields {
  readonly $position: Position
  /** Offset in the outermost record. */
  readonly $offset: number

  constructor(position: Position, offset: number) {
    this.$position = position
    this.$offset = offset
  }
}

type FieldsClass = typeof RecordFields

const classes = new WeakMap<RecordType, FieldsClass>()
/** Policies can have any number of different records: the oldest classes are made again. */
const classesBySource = new Map<string, FieldsClass>()
const sourcesMax = 256

/**
 * The class of a record's fields, with accessors for its numbers. It is compiled from source, so
 * that each accessor has type feedback of its own and V8 turns it into a plain load; accessors
 * that are closures of one function would share it. That saves the reader's thread a seventh of the
 * CPU time of an exec. Node.js must not run with `--disallow-code-generation-from-strings`. Records
 * with the same fields have the same class.
 */
function classOf(type: RecordType): FieldsClass {
  const known = classes.get(type)
  if (known !== undefined) return known
  const source = `return class extends RecordFields {${type.fields.flatMap(accessors).join('')}}`
  const made = classesBySource.get(source) ?? new Function('RecordFields', source)(RecordFields)
  classesBySource.delete(source)
  classesBySource.set(source, made)
  for (const oldest of classesBySource.keys()) {
    if (classesBySource.size <= sourcesMax) break
    classesBySource.delete(oldest)
  }
  classes.set(type, made)
  return made
}

function accessors({ name, type, offset }: FieldLayout): string[] {
  if (type.kind !== 'scalar') return []
  const own = accessor(name, numberAt(type, offset))
  if (type.size !== 8) return [own]
  const low = accessor(`${name}Low`, numberAt(u32, offset))
  return [own, low, accessor(`${name}High`, numberAt(u32, offset + 4))]
}

function accessor(name: string, expression: string): string {
  return `
    get ${JSON.stringify(name)}() {
      const { $position: from } = this
      const at = from.base + this.$offset
      return ${expression}
    }`
}

/** An expression that reads a number `offset` bytes after `at`. */
function numberAt({ size, signed }: Scalar, offset: number): string {
  switch (size) {
    case 1:
      return signed ? `from.bytes[at + ${offset}] << 24 >> 24` : `from.bytes[at + ${offset}]`
    case 2: {
      const half = `from.halves[at + ${offset} >>> 1]`
      return signed ? `${half} << 16 >> 16` : half
    }
    case 4:
      return `from.${signed ? 'signed' : 'words'}[at + ${offset} >>> 2]`
    case 8: {
      const high = numberAt({ ...u32, signed }, offset + 4)
      return `${numberAt(u32, offset)} + ${high} * ${2 ** 32}`
    }
  }
}

class ArrayElements implements ArrayView {
  readonly #position: Position
  readonly #offset: number
  readonly #type: ArrayType

  constructor(type: ArrayType, position: Position, offset: number) {
    this.#position = position
    this.#offset = offset
    this.#type = type
  }

  get length(): number {
    return this.#type.length
  }

  at(index: number): number {
    const { element } = this.#type
    const offset = this.#position.base + this.#offset + index * element.size
    return Number(element.decode(this.#position.view, offset))
  }
}

/** Only outermost records have tails. */
class TailBytes implements TailView {
  readonly #position: Position
  readonly #lengthAt: number
  /** Size of the fixed part. */
  readonly #start: number
  /** Offsets of the lengths of the tails before this one. */
  readonly #before: readonly number[]

  constructor({ size, tails }: RecordType, name: string, position: Position) {
    const index = tails.findIndex((tail) => tail.name === name)
    this.#position = position
    this.#start = size
    this.#lengthAt = tails[index].offset
    this.#before = tails.slice(0, index).map(({ offset }) => offset)
  }

  get length(): number {
    const { words, base } = this.#position
    return words[(base + this.#lengthAt) >>> 2]
  }

  get offset(): number {
    const { words, base } = this.#position
    let offset = base + this.#start
    for (const lengthAt of this.#before) offset += words[(base + lengthAt) >>> 2]
    return offset
  }
}

import type { Codec } from './codec.ts'
import type { ArrayType, Scalar, Tail } from './field-type.ts'

export type FieldType = Scalar | ArrayType | RecordType | Tail
export type Shape = { readonly [name: string]: FieldType }

/** Where a field lies inside its record. For a tail: where its length (u32) lies. */
export interface FieldLayout {
  readonly name: string
  readonly offset: number
  readonly type: FieldType
}

/** What user space sees of a field in a plain object; tails are byte arrays. */
export type FieldValue<F> =
  F extends Scalar<infer V>
    ? V
    : F extends ArrayType
      ? readonly number[]
      : F extends RecordType<infer S>
        ? RecordValue<S>
        : Uint8Array

export type RecordValue<S extends Shape> = { readonly [K in keyof S]: FieldValue<S[K]> }

/**
 * A record that crosses the kernel border, declared once: the kernel language stores into this
 * layout, {@link reader} and the codec read it back. Fields have C's natural alignment. Tails
 * follow the fixed part one after the other without padding; the fixed part holds their lengths.
 */
export interface RecordType<S extends Shape = Shape> extends Codec<RecordValue<S>> {
  readonly kind: 'record'
  readonly name: string
  readonly shape: S
  /** Size of the fixed part in bytes, a multiple of its alignment. */
  readonly size: number
  readonly alignment: number
  readonly fields: readonly FieldLayout[]
  /** The fields that are tails, in their order in memory. */
  readonly tails: readonly FieldLayout[]
  field(name: string): FieldLayout
}

function alignmentOf(type: FieldType): number {
  switch (type.kind) {
    case 'scalar':
      return type.size
    case 'array':
      return type.element.size
    case 'record':
      return type.alignment
    case 'tail':
      return 4
  }
}

/** Declares a record. @throws Error when a field follows a tail or a tail is nested */
export function record<const S extends Shape>(name: string, shape: S): RecordType<S> {
  const fields: FieldLayout[] = []
  let end = 0
  let alignment = 1
  for (const [field, type] of Object.entries(shape)) {
    const align = alignmentOf(type)
    const previous = fields.at(-1)
    if (previous?.type.kind === 'tail' && type.kind !== 'tail') {
      throw new Error(`declare record ${name}: field ${field} follows the tail ${previous.name}`)
    }
    if (type.kind === 'record' && type.tails.length > 0) {
      throw new Error(`declare record ${name}: field ${field} is a record with a tail`)
    }
    const offset = Math.ceil(end / align) * align
    fields.push({ name: field, offset, type })
    end = offset + (type.kind === 'tail' ? 4 : type.size)
    alignment = Math.max(alignment, align)
  }
  const byName = new Map(fields.map((field) => [field.name, field]))
  const tails = fields.filter((field) => field.type.kind === 'tail')
  const size = Math.ceil(end / alignment) * alignment

  return {
    kind: 'record',
    name,
    shape,
    size,
    alignment,
    fields,
    tails,
    field(field) {
      const found = byName.get(field)
      if (!found) throw new Error(`record ${name} has no field ${field}`)
      return found
    },
    encode(value, view, offset) {
      for (const { name: field, offset: at, type } of fields) {
        if (type.kind === 'tail') throw new Error(`encode record ${name}: it has a tail`)
        const codec: Pick<Codec<never>, 'encode'> = type
        codec.encode((value as Record<string, never>)[field], view, offset + at)
      }
    },
    decode(view, offset) {
      const value: Record<string, unknown> = {}
      let tailAt = offset + size
      for (const { name: field, offset: at, type } of fields) {
        if (type.kind === 'tail') {
          const length = view.getUint32(offset + at, true)
          value[field] = new Uint8Array(view.buffer, view.byteOffset + tailAt, length)
          tailAt += length
        } else {
          value[field] = type.decode(view, offset + at)
        }
      }
      return value as RecordValue<S>
    },
  }
}

import { type IntLike, operandOf } from './int.ts'
import { type MemberType, sizeOfMember } from './layout.ts'
import { memberOf, type Place, placeOf } from './pointer.ts'

type Size = 1 | 2 | 4 | 8
/** Widths of an access, the best first. */
const sizes: readonly Size[] = [8, 4, 2, 1]

/**
 * Initialises fresh memory: the fields, and zero wherever none of them lies, so that no byte leaks
 * or is left to chance.
 */
export function fillPlace(place: Place, fields: unknown): void {
  place.builder.statement(() => {
    clearOthers(place, fields as object)
    storeFields(place, fields as Record<string, unknown>)
  })
}

/** Stores zero wherever none of the fields lies. */
export function clearOthers({ builder, layout, base, offset }: Place, fields: object): void {
  const stored = new Uint8Array(layout.size)
  markStored(stored, { kind: 'struct', layout }, 0, fields)
  const isFree = (at: number, size: number): boolean =>
    at % size === 0 && at + size <= layout.size && !stored.subarray(at, at + size).includes(1)
  for (let at = 0; at < layout.size; ) {
    const size = sizes.find((wanted) => isFree(at, wanted))
    if (size) builder.emit({ op: 'store', size, base, offset: offset + at, src: { constant: 0 } })
    at += size ?? 1
  }
}

/** Marks the bytes that storing a value at an offset writes. */
function markStored(stored: Uint8Array, type: MemberType, offset: number, value: unknown): void {
  switch (type.kind) {
    case 'int':
    case 'pointer':
      stored.fill(1, offset, offset + sizeOfMember(type))
      return
    case 'array':
      ;(value as readonly unknown[]).forEach((element, i) => {
        markStored(stored, type.element, offset + i * type.stride, element)
      })
      return
    case 'struct': {
      if (placeOf(value)) return void stored.fill(1, offset, offset + type.layout.size)
      for (const [name, member] of Object.entries(value as object)) {
        const found = type.layout.member(name)
        if (member === undefined || !found) continue
        markStored(stored, found.type, offset + found.offset, member)
      }
    }
  }
}

/** Stores values into the fields of these names; nested records by their fields or as a whole. */
export function storeFields(place: Place, fields: Record<string, unknown>): void {
  const { builder, layout } = place
  builder.statement(() => {
    for (const [name, value] of Object.entries(fields)) {
      if (value === undefined) continue
      const { offset, type } = memberOf(place, name)
      builder.noted(`${layout.name}.${name} =`, () => storeMember(place, offset, type, value))
    }
  })
}

function storeMember(place: Place, offset: number, type: MemberType, value: unknown): void {
  const { builder, base } = place
  switch (type.kind) {
    case 'int':
    case 'pointer': {
      const size = type.kind === 'int' ? type.size : 8
      builder.emit({ op: 'store', size, base, offset, src: operandOf(value as IntLike) })
      return
    }
    case 'array':
      ;(value as readonly IntLike[]).forEach((element, i) => {
        storeMember(place, offset + i * type.stride, type.element, element)
      })
      return
    case 'struct': {
      const from = placeOf(value)
      const to = { ...place, offset, layout: type.layout }
      if (from) copyPlace(from, to)
      else storeFields(to, value as Record<string, unknown>)
    }
  }
}

/** Copies a record from memory that loads can reach directly. */
function copyPlace(from: Place, to: Place): void {
  const { builder } = to
  inPieces(to.layout.size, (at, size) => {
    const dst = builder.register()
    builder.emit({ op: 'load', dst, size, base: from.base, offset: from.offset + at })
    builder.emit({ op: 'store', size, base: to.base, offset: to.offset + at, src: dst })
  })
}

/** Goes over `length` bytes in the largest accesses that fit. */
function inPieces(length: number, access: (at: number, size: Size) => void): void {
  for (let at = 0; at < length; ) {
    const left = length - at
    const size = left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1
    access(at, size)
    at += size
  }
}

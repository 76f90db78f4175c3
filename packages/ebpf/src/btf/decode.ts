import { BtfError } from './error.ts'
import type { BtfImage } from './image.ts'
import { KIND, KIND_NAMES } from './kind.ts'
import type { BtfType, Linkage, Member, Parameter, ReferenceType } from './type.ts'

/** Words of struct btf_type: the details of a kind follow them. */
export const HEAD_WORDS = 3

const LINKAGES: readonly Linkage[] = ['static', 'global', 'extern']

/** Decodes one type with its entries, not those that it refers to. */
export function decodeType(image: BtfImage, id: number): BtfType {
  if (id === 0) return { kind: 'void' }
  const name = image.string(image.word(id, 0))
  // Depending on the kind the third word is a size in bytes or a type id.
  const third = image.word(id, 2)
  const kind = image.kind(id)
  switch (kind) {
    case KIND.int: {
      const details = image.word(id, HEAD_WORDS)
      return {
        kind: 'int',
        name,
        size: third,
        bits: details & 0xff,
        bitOffset: (details >>> 16) & 0xff,
        signed: (details & 0x0100_0000) !== 0,
        char: (details & 0x0200_0000) !== 0,
        bool: (details & 0x0400_0000) !== 0,
      }
    }
    case KIND.array:
      return {
        kind: 'array',
        elementTypeId: image.word(id, HEAD_WORDS),
        indexTypeId: image.word(id, HEAD_WORDS + 1),
        length: image.word(id, HEAD_WORDS + 2),
      }
    case KIND.struct:
    case KIND.union:
      return {
        kind: kind === KIND.struct ? 'struct' : 'union',
        name,
        size: third,
        members: entriesOf(image, id, decodeMember),
      }
    case KIND.enum: {
      const signed = image.kindFlag(id)
      const values = entriesOf(image, id, (_, index) => ({
        name: image.string(image.word(id, HEAD_WORDS + index * 2)),
        value: enumValue(image, id, index),
      }))
      return { kind: 'enum', name, size: third, signed, values }
    }
    case KIND.enum64: {
      const signed = image.kindFlag(id)
      const values = entriesOf(image, id, (_, index) => ({
        name: image.string(image.word(id, HEAD_WORDS + index * 3)),
        value: enum64Value(image, id, index),
      }))
      return { kind: 'enum64', name, size: third, signed, values }
    }
    case KIND.fwd:
      return { kind: 'fwd', name, union: image.kindFlag(id) }
    case KIND.func:
      return { kind: 'func', name, typeId: third, linkage: linkage(image.entries(id)) }
    case KIND.funcProto:
      return { kind: 'funcProto', returnTypeId: third, params: entriesOf(image, id, decodeParam) }
    case KIND.var:
      return { kind: 'var', name, typeId: third, linkage: linkage(image.word(id, HEAD_WORDS)) }
    case KIND.datasec: {
      const variables = entriesOf(image, id, (_, index) => ({
        typeId: image.word(id, HEAD_WORDS + index * 3),
        offset: image.word(id, HEAD_WORDS + index * 3 + 1),
        size: image.word(id, HEAD_WORDS + index * 3 + 2),
      }))
      return { kind: 'datasec', name, size: third, variables }
    }
    case KIND.float:
      return { kind: 'float', name, size: third }
    case KIND.declTag: {
      const componentIndex = image.word(id, HEAD_WORDS) | 0
      return { kind: 'declTag', name, typeId: third, componentIndex }
    }
    default:
      return { kind: KIND_NAMES[kind] as ReferenceType['kind'], name, typeId: third }
  }
}

function entriesOf<T>(
  image: BtfImage,
  id: number,
  decode: (image: BtfImage, index: number, id: number) => T,
): T[] {
  return Array.from({ length: image.entries(id) }, (_, index) => decode(image, index, id))
}

function linkage(number: number): Linkage {
  const name = LINKAGES[number]
  if (!name) throw new BtfError('EBPF_BTF_BAD_KIND', `read BTF linkage: unknown number ${number}`)
  return name
}

function decodeMember(image: BtfImage, index: number, id: number): Member {
  const at = HEAD_WORDS + index * 3
  return {
    name: image.string(image.word(id, at)),
    typeId: image.word(id, at + 1),
    ...memberBits(image, id, index),
  }
}

function decodeParam(image: BtfImage, index: number, id: number): Parameter {
  const at = HEAD_WORDS + index * 2
  return { name: image.string(image.word(id, at)), typeId: image.word(id, at + 1) }
}

/** Place and bit field width of a member. */
export function memberBits(
  image: BtfImage,
  id: number,
  index: number,
): { bitOffset: number; bitSize: number } {
  const at = HEAD_WORDS + index * 3
  const offset = image.word(id, at + 2)
  if (image.kindFlag(id)) return { bitOffset: offset & 0xff_ffff, bitSize: offset >>> 24 }
  // The form of old compilers: the width is in an integer type made for the bit field.
  const typeId = image.word(id, at + 1)
  if (image.kind(typeId) === KIND.int) {
    const details = image.word(typeId, HEAD_WORDS)
    const bits = details & 0xff
    const bitOffset = (details >>> 16) & 0xff
    if (bitOffset !== 0 || bits !== image.word(typeId, 2) * 8) {
      return { bitOffset: offset + bitOffset, bitSize: bits }
    }
  }
  return { bitOffset: offset, bitSize: 0 }
}

/** Value of an enumerator of an `enum`. */
export function enumValue(image: BtfImage, id: number, index: number): number {
  const value = image.word(id, HEAD_WORDS + index * 2 + 1)
  return image.kindFlag(id) ? value | 0 : value
}

/** Value of an enumerator of an `enum64`. */
export function enum64Value(image: BtfImage, id: number, index: number): bigint {
  const low = BigInt(image.word(id, HEAD_WORDS + index * 3 + 1))
  const value = (BigInt(image.word(id, HEAD_WORDS + index * 3 + 2)) << 32n) | low
  return image.kindFlag(id) ? BigInt.asIntN(64, value) : value
}

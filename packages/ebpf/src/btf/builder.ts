import { BtfError } from './error.ts'
import { KIND } from './kind.ts'
import { StringTable } from './string-table.ts'
import type { Linkage, Parameter } from './type.ts'

/** A member to write; `bitSize` makes a bit field. */
export interface NewMember {
  readonly name: string
  readonly typeId: number
  readonly bitOffset: number
  readonly bitSize?: number
}

/** How an integer is to be read; plain unsigned when empty. */
export interface IntEncoding {
  readonly signed?: boolean
  readonly char?: boolean
  readonly bool?: boolean
}

/** What a split BTF stands on: where the ids and the strings of the base end. */
export interface BuilderBase {
  readonly firstId: number
  readonly stringStart: number
}

type ReferenceKind = 'ptr' | 'volatile' | 'const' | 'restrict'

const LINKAGE = { static: 0, global: 1, extern: 2 } as const
const MAX_ENTRIES = 0xffff
const MAGIC = 0xeb9f
const HEADER_SIZE = 24

/**
 * Writes BTF, e.g. the blob that a program carries for BPF_BTF_LOAD. Each method adds a type
 * and returns its id; ids start at 1 and may be used before their type is added. The kernel
 * checks on load that ids exist and names are identifiers, and that the parameters of a
 * prototype that a func uses have names. Errors: EBPF_BTF_BAD_ARGUMENT.
 */
export class BtfBuilder {
  readonly #words: number[] = []
  readonly #strings: StringTable
  readonly #firstId: number
  #count = 0
  #written = false

  constructor(base?: BuilderBase) {
    this.#firstId = base?.firstId ?? 1
    this.#strings = new StringTable(base?.stringStart ?? 0)
  }

  /** Id that the next type will have. */
  get nextId(): number {
    return this.#firstId + this.#count
  }

  /** Bytes of the string section so far. */
  get stringSize(): number {
    return this.#strings.size
  }

  /** Offset of a string that line information or a type refers to; added once. */
  string(text: string): number {
    return this.#strings.add(text)
  }

  int(name: string, size: 1 | 2 | 4 | 8 | 16, encoding: IntEncoding = {}): number {
    const { signed, char, bool } = encoding
    const flags = (signed ? 1 : 0) | (char ? 2 : 0) | (bool ? 4 : 0)
    return this.#add(KIND.int, name, size, 0, false, [(flags << 24) | (size * 8)])
  }

  float(name: string, size: number): number {
    return this.#add(KIND.float, name, size)
  }

  /** A pointer, or a type with a qualifier. */
  reference(kind: ReferenceKind, typeId: number): number {
    return this.#add(KIND[kind], '', typeId)
  }

  pointer(typeId: number): number {
    return this.reference('ptr', typeId)
  }

  typedef(name: string, typeId: number): number {
    return this.#add(KIND.typedef, name, typeId)
  }

  typeTag(tag: string, typeId: number): number {
    return this.#add(KIND.typeTag, tag, typeId)
  }

  /** Tags a declaration, or with an index one of its members or parameters. */
  declTag(tag: string, typeId: number, componentIndex = -1): number {
    return this.#add(KIND.declTag, tag, typeId, 0, false, [componentIndex])
  }

  array(elementTypeId: number, indexTypeId: number, length: number): number {
    return this.#add(KIND.array, '', 0, 0, false, [elementTypeId, indexTypeId, length])
  }

  struct(name: string, size: number, members: readonly NewMember[]): number {
    return this.#composite(KIND.struct, name, size, members)
  }

  union(name: string, size: number, members: readonly NewMember[]): number {
    return this.#composite(KIND.union, name, size, members)
  }

  #composite(kind: number, name: string, size: number, members: readonly NewMember[]): number {
    const bitFields = members.some((it) => (it.bitSize ?? 0) > 0)
    const words = members.flatMap((it) => [
      this.string(it.name),
      it.typeId,
      bitFields ? ((it.bitSize ?? 0) << 24) | it.bitOffset : it.bitOffset,
    ])
    return this.#add(kind, name, size, members.length, bitFields, words)
  }

  forward(name: string, kind: 'struct' | 'union'): number {
    return this.#add(KIND.fwd, name, 0, 0, kind === 'union')
  }

  /** Signed when a value is negative, which kernels before 6.0 refuse. */
  enum(name: string, size: number, values: Readonly<Record<string, number>>): number {
    const entries = Object.entries(values)
    const words = entries.flatMap(([key, value]) => [this.string(key), value])
    const signed = entries.some(([, value]) => value < 0)
    return this.#add(KIND.enum, name, size, entries.length, signed, words)
  }

  /** Signed when a value is negative. Kernel 6.0. */
  enum64(name: string, size: number, values: Readonly<Record<string, bigint>>): number {
    const entries = Object.entries(values)
    const words = entries.flatMap(([key, value]) => [
      this.string(key),
      Number(BigInt.asIntN(32, value)),
      Number(BigInt.asIntN(32, value >> 32n)),
    ])
    const signed = entries.some(([, value]) => value < 0n)
    return this.#add(KIND.enum64, name, size, entries.length, signed, words)
  }

  /** Type of a function; a parameter of type 0 without name, as the last one, is `...`. */
  funcProto(returnTypeId: number, params: readonly Parameter[]): number {
    const words = params.flatMap((it) => [this.string(it.name), it.typeId])
    return this.#add(KIND.funcProto, '', returnTypeId, params.length, false, words)
  }

  /** A function; global ones are verified on their own. Linkage: kernel 5.6, before static. */
  func(name: string, protoId: number, linkage: Linkage = 'static'): number {
    return this.#add(KIND.func, name, protoId, LINKAGE[linkage])
  }

  variable(name: string, typeId: number, linkage: Linkage): number {
    return this.#add(KIND.var, name, typeId, 0, false, [LINKAGE[linkage]])
  }

  datasec(
    name: string,
    size: number,
    variables: readonly { typeId: number; offset: number; size: number }[],
  ): number {
    const words = variables.flatMap((it) => [it.typeId, it.offset, it.size])
    return this.#add(KIND.datasec, name, size, variables.length, false, words)
  }

  #add(
    kind: number,
    name: string,
    third: number,
    entries = 0,
    flag = false,
    words: readonly number[] = [],
  ): number {
    if (entries > MAX_ENTRIES) {
      throw new BtfError(
        'EBPF_BTF_BAD_ARGUMENT',
        `write BTF type ${name}: ${entries} entries, at most ${MAX_ENTRIES}`,
      )
    }
    const info = (flag ? 0x8000_0000 : 0) | (kind << 24) | entries
    if (this.#written) {
      throw new BtfError(
        'EBPF_BTF_BAD_ARGUMENT',
        `write BTF type ${name}: the blob is made already`,
      )
    }
    this.#words.push(this.string(name), info, third, ...words)
    return this.#firstId + this.#count++
  }

  /** The blob: header, types, strings, little-endian. Nothing can be added after this. */
  bytes(): Uint8Array {
    this.#written = true
    const strings = this.#strings.bytes()
    const typeSize = this.#words.length * 4
    const bytes = new Uint8Array(HEADER_SIZE + typeSize + strings.length)
    const view = new DataView(bytes.buffer)
    view.setUint16(0, MAGIC, true)
    view.setUint8(2, 1)
    view.setUint32(4, HEADER_SIZE, true)
    view.setUint32(12, typeSize, true)
    view.setUint32(16, typeSize, true)
    view.setUint32(20, strings.length, true)
    for (const [index, word] of this.#words.entries()) {
      view.setInt32(HEADER_SIZE + index * 4, word, true)
    }
    bytes.set(strings, HEADER_SIZE + typeSize)
    return bytes
  }
}

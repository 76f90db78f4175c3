import type { Btf } from '../btf/index.ts'
import type { Layout, Member, MemberType } from './layout.ts'

/**
 * A kernel structure that programs use. `T` is an interface with the fields in use: integers as
 * Int, pointers as Ptr, embedded structures as their own interface. Widths, offsets and kinds come
 * from the running kernel's BTF.
 */
export interface KernelStruct<T> {
  readonly name: string
  /** Never set: carries the type. */
  readonly fields?: T
}

/** Field name → paths to try in order, for fields that kernels name or nest differently. */
type Alternatives = { readonly [field: string]: readonly string[] }

const alternatives = new Map<string, Alternatives>()

/**
 * Declares a kernel structure.
 * @param renamed for a field of `T`: where to find it, in order of preference. A path may lead
 *   through embedded structures (`a.b`).
 */
export function kernelStruct<T>(
  name: string,
  renamed: { readonly [K in keyof T & string]?: readonly string[] } = {},
): KernelStruct<T> {
  alternatives.set(name, { ...alternatives.get(name), ...(renamed as Alternatives) })
  return { name }
}

const layouts = new WeakMap<Btf, Map<number, Layout>>()

/** The layout of a structure of this kernel by its BTF id. */
export function structLayout(btf: Btf, id: number): Layout {
  let known = layouts.get(btf)
  if (!known) {
    known = new Map()
    layouts.set(btf, known)
  }
  let layout = known.get(id)
  if (!layout) {
    layout = new StructLayout(btf, id)
    known.set(id, layout)
  }
  return layout
}

/** The layout of a structure of this kernel by its name; undefined if the kernel has none. */
export function findStruct(btf: Btf, name: string): Layout | undefined {
  const id = btf.find(name, ['struct', 'union'])
  return id === undefined ? undefined : structLayout(btf, id)
}

class StructLayout implements Layout {
  readonly name: string
  readonly size: number
  readonly #btf: Btf
  readonly #id: number
  readonly #members = new Map<string, Member | undefined>()

  constructor(btf: Btf, id: number) {
    const type = btf.type(id)
    this.#btf = btf
    this.#id = id
    this.name = 'name' in type ? type.name : ''
    this.size = btf.sizeOf(id)
  }

  member(name: string): Member | undefined {
    if (!this.#members.has(name)) this.#members.set(name, this.#find(name))
    return this.#members.get(name)
  }

  #find(name: string): Member | undefined {
    const known = alternatives.get(this.name) ?? {}
    for (const path of Object.hasOwn(known, name) ? known[name] : [name]) {
      if (!this.#btf.member(this.#id, path.split(/[.[]/, 1)[0])) continue
      const { bitOffset, bitSize, typeId } = this.#btf.memberPath(this.#id, path)
      return memberAt(this.#btf, bitOffset, bitSize, typeId)
    }
    return undefined
  }
}

function memberAt(btf: Btf, bitOffset: number, bitSize: number, typeId: number): Member {
  const type = memberType(btf, typeId)
  if (bitSize === 0 || type.kind !== 'int') return { offset: bitOffset >>> 3, type }
  // A bit field is read with the integer of its type's size that contains it.
  const unit = type.size * 8
  const start = Math.floor(bitOffset / unit) * unit
  const bits = { shift: bitOffset - start, width: bitSize }
  return { offset: start >>> 3, type: { kind: 'int', size: type.size, bits } }
}

/** How code generation sees a BTF type. */
export function memberType(btf: Btf, typeId: number): MemberType {
  const id = btf.resolve(typeId)
  const type = btf.type(id)
  switch (type.kind) {
    case 'ptr': {
      const target = btf.resolve(type.typeId)
      const kind = btf.kind(target)
      const isStruct = kind === 'struct' || kind === 'union'
      return { kind: 'pointer', to: isStruct ? structLayout(btf, target) : undefined }
    }
    case 'struct':
    case 'union':
      return { kind: 'struct', layout: structLayout(btf, id) }
    case 'array': {
      const element = memberType(btf, type.elementTypeId)
      const stride = btf.sizeOf(type.elementTypeId)
      return { kind: 'array', element, stride, length: type.length }
    }
    default:
      return { kind: 'int', size: btf.sizeOf(id) as 1 | 2 | 4 | 8 }
  }
}

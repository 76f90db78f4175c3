import type { RecordType } from '../records/index.ts'

/** What is at a place in memory, as far as code generation cares. */
export type MemberType =
  | { readonly kind: 'int'; readonly size: 1 | 2 | 4 | 8; readonly bits?: BitField }
  | { readonly kind: 'pointer'; readonly to: Layout | undefined }
  | { readonly kind: 'struct'; readonly layout: Layout }
  | {
      readonly kind: 'array'
      readonly element: MemberType
      readonly stride: number
      readonly length: number
    }

/** A bit field inside the integer at its place. */
export interface BitField {
  readonly shift: number
  readonly width: number
}

export interface Member {
  /** Bytes from the start of the structure. */
  readonly offset: number
  readonly type: MemberType
}

/** A structure of the kernel or a record of ours: names to places. */
export interface Layout {
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** The member of that name; undefined if there is none. */
  member(name: string): Member | undefined
}

const recordLayouts = new WeakMap<RecordType, Layout>()

/** The layout of a record, made once. */
export function recordLayout(type: RecordType): Layout {
  let layout = recordLayouts.get(type)
  if (!layout) {
    layout = new RecordLayout(type)
    recordLayouts.set(type, layout)
  }
  return layout
}

class RecordLayout implements Layout {
  readonly #type: RecordType

  constructor(type: RecordType) {
    this.#type = type
  }

  get name(): string {
    return this.#type.name
  }

  get size(): number {
    return this.#type.size
  }

  member(name: string): Member | undefined {
    const field = this.#type.fields.find((candidate) => candidate.name === name)
    if (!field) return undefined
    const { offset, type } = field
    switch (type.kind) {
      case 'scalar':
        return { offset, type: { kind: 'int', size: type.size } }
      case 'record':
        return { offset, type: { kind: 'struct', layout: recordLayout(type) } }
      case 'array': {
        const { element, length } = type
        const int: MemberType = { kind: 'int', size: element.size }
        return { offset, type: { kind: 'array', element: int, stride: element.size, length } }
      }
      case 'tail':
        return { offset, type: { kind: 'int', size: 4 } }
    }
  }
}

/** Whether a map's key or value is a record; else it is a plain integer. */
export function isRecord(codec: object): codec is RecordType {
  return 'kind' in codec && codec.kind === 'record'
}

/** The layout of a map's value: a record's own, or for a plain integer one field `value`. */
export function codecLayout(codec: { readonly size: number }): Layout {
  if (isRecord(codec)) return recordLayout(codec)
  const size = codec.size as 1 | 2 | 4 | 8
  const value = { offset: 0, type: { kind: 'int', size } } as const
  return { name: 'value', size, member: (name) => (name === 'value' ? value : undefined) }
}

/** Bytes that a member takes. */
export function sizeOfMember(type: MemberType): number {
  switch (type.kind) {
    case 'int':
      return type.size
    case 'pointer':
      return 8
    case 'struct':
      return type.layout.size
    case 'array':
      return type.stride * type.length
  }
}

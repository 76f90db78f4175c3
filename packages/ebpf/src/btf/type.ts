/** The decoded types, distinguished by `kind` (Documentation/bpf/btf.rst). Ids: 0 is void. */
export type BtfType =
  | VoidType
  | IntType
  | ReferenceType
  | ArrayType
  | CompositeType
  | EnumType
  | Enum64Type
  | ForwardType
  | FuncType
  | FuncProtoType
  | VarType
  | DatasecType
  | FloatType
  | DeclTagType

export interface VoidType {
  readonly kind: 'void'
}

export interface IntType {
  readonly kind: 'int'
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Significant bits and where they start; only old bit fields differ from 8 * size and 0. */
  readonly bits: number
  readonly bitOffset: number
  readonly signed: boolean
  readonly char: boolean
  readonly bool: boolean
}

/** Kinds that only lead to another type. `name` is empty but for typedefs and type tags. */
export interface ReferenceType {
  readonly kind: 'ptr' | 'typedef' | 'volatile' | 'const' | 'restrict' | 'typeTag'
  readonly name: string
  readonly typeId: number
}

export interface ArrayType {
  readonly kind: 'array'
  readonly elementTypeId: number
  readonly indexTypeId: number
  /** Elements; 0 for a flexible array. */
  readonly length: number
}

export interface CompositeType {
  readonly kind: 'struct' | 'union'
  /** Empty for an anonymous one. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  readonly members: readonly Member[]
}

export interface Member {
  /** Empty for an anonymous struct or union. */
  readonly name: string
  readonly typeId: number
  /** From the start of the struct. */
  readonly bitOffset: number
  /** Width of a bit field, 0 when it is none. */
  readonly bitSize: number
}

export interface EnumType {
  readonly kind: 'enum'
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Always false before Linux 6.0, which did not record it. */
  readonly signed: boolean
  readonly values: readonly { readonly name: string; readonly value: number }[]
}

export interface Enum64Type {
  readonly kind: 'enum64'
  readonly name: string
  /** Bytes. */
  readonly size: number
  readonly signed: boolean
  readonly values: readonly { readonly name: string; readonly value: bigint }[]
}

export interface ForwardType {
  readonly kind: 'fwd'
  readonly name: string
  readonly union: boolean
}

export type Linkage = 'static' | 'global' | 'extern'

export interface FuncType {
  readonly kind: 'func'
  readonly name: string
  /** Its funcProto. */
  readonly typeId: number
  readonly linkage: Linkage
}

export interface Parameter {
  /** Empty where the compiler did not record it. */
  readonly name: string
  readonly typeId: number
}

export interface FuncProtoType {
  readonly kind: 'funcProto'
  readonly returnTypeId: number
  /** A last parameter without name and of type 0 stands for `...`. */
  readonly params: readonly Parameter[]
}

export interface VarType {
  readonly kind: 'var'
  readonly name: string
  readonly typeId: number
  readonly linkage: Linkage
}

export interface DatasecType {
  readonly kind: 'datasec'
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Offset and size in bytes. */
  readonly variables: readonly {
    readonly typeId: number
    readonly offset: number
    readonly size: number
  }[]
}

export interface FloatType {
  readonly kind: 'float'
  readonly name: string
  /** Bytes. */
  readonly size: number
}

export interface DeclTagType {
  readonly kind: 'declTag'
  /** The tag's text. */
  readonly name: string
  readonly typeId: number
  /** Member or parameter that is tagged; -1: the declaration itself. */
  readonly componentIndex: number
}

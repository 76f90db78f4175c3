import { symbolKinds } from './symbol.ts'

type KindName = (typeof symbolKinds)[number]

/** A symbol whose name is not decoded yet. */
export interface RawSymbol {
  /** Offset of the name in the strings of the set. */
  readonly nameAt: number
  readonly address: number
  readonly size: number
  readonly kind: KindName
  /** Of several symbols with one address, the one with the highest rank is shown: 0 to 255. */
  readonly rank: number
  /** Index in the versions of the set; 0: it has no version. */
  readonly version?: number
  readonly isDefault?: boolean
}

/** Bits of {@link SymbolSet.versionBits}: the index of the version, and that it is not default. */
const hidden = 0x8000

/**
 * The symbols of one table, as columns: a library may have 100,000, and most names are never asked
 * for. Names stay in the strings of the file.
 */
export class SymbolSet {
  readonly strings: Buffer
  /** Whether a name may continue with `@VERSION`, as in `.symtab`. */
  readonly hasVersionsInNames: boolean
  readonly versions: readonly string[]
  count = 0
  readonly addresses: Float64Array
  readonly sizes: Float64Array
  readonly names: Uint32Array
  readonly kinds: Uint8Array
  readonly ranks: Uint8Array
  readonly versionBits: Uint16Array

  /** @param capacity the maximum number of symbols */
  constructor(
    strings: Uint8Array,
    capacity: number,
    options: { versions?: readonly string[]; hasVersionsInNames?: boolean } = {},
  ) {
    this.strings = Buffer.from(strings.buffer, strings.byteOffset, strings.byteLength)
    this.versions = options.versions ?? ['']
    this.hasVersionsInNames = options.hasVersionsInNames ?? false
    this.addresses = new Float64Array(capacity)
    this.sizes = new Float64Array(capacity)
    this.names = new Uint32Array(capacity)
    this.kinds = new Uint8Array(capacity)
    this.ranks = new Uint8Array(capacity)
    this.versionBits = new Uint16Array(capacity)
  }

  add({ nameAt, address, size, kind, rank, version = 0, isDefault = true }: RawSymbol): void {
    const index = this.count++
    this.addresses[index] = address
    this.sizes[index] = size
    this.names[index] = nameAt
    this.kinds[index] = symbolKinds.indexOf(kind)
    this.ranks[index] = rank
    this.versionBits[index] = version | (isDefault ? 0 : hidden)
  }

  /** The version of a symbol, and whether it is the default; undefined without version. */
  versionOf(index: number): { version: string; isDefault: boolean } | undefined {
    const bits = this.versionBits[index]
    const version = this.versions[bits & (hidden - 1)]
    return version ? { version, isDefault: (bits & hidden) === 0 } : undefined
  }
}

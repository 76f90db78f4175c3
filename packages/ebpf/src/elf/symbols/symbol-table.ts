import { ElfError } from '../error.ts'
import { nameMax, textAt, textEnd } from '../text.ts'
import { hashName, NameIndex } from './name-index.ts'
import { type ElfSymbol, symbolKinds } from './symbol.ts'
import type { SymbolSet } from './symbol-set.ts'

/** Bytes of all names that `functions` returns: symbols of a hostile file may share their text. */
const namesMax = 1 << 26
/** Symbols of one name. */
const matchesMax = 4096
/** Symbols before an address that are searched for one that contains it. */
const enclosingMax = 256
/** Bytes that a symbol without size has at most. */
const unsizedMax = 1 << 16

/** Names that are looked up one by one; an index takes as long as a few of them. */
const unindexedLookups = 8

const [zero, atSign] = [0, 0x40]

/** The symbols of a file, sorted by address. Names are decoded when they are asked for. */
export class SymbolTable {
  /** Sources of symbols that could not be read; the others are used. */
  readonly problems: readonly ElfError[]
  readonly #sets: readonly SymbolSet[]
  readonly #setOf: Uint8Array
  /** Index in its set, by position. */
  readonly #indexOf: Uint32Array
  readonly #addresses: Float64Array
  readonly #ends: Float64Array
  /** The highest end of the symbols up to each position. */
  readonly #highestEnds: Float64Array
  #lookups = 0
  #names: NameIndex | undefined

  /** @param sets of several equal symbols, that of the first set is used */
  constructor(sets: readonly SymbolSet[], problems: readonly ElfError[] = []) {
    this.problems = problems
    this.#sets = sets
    const count = sets.reduce((sum, set) => sum + set.count, 0)
    const [setOf, indexOf] = [new Uint8Array(count), new Uint32Array(count)]
    const keys = new Float64Array(count)
    let next = 0
    sets.forEach((set, number) => {
      for (let index = 0; index < set.count; index++, next++) {
        setOf[next] = number
        indexOf[next] = index
        keys[next] = set.addresses[index]
      }
    })
    const rank = (place: number): number => sets[setOf[place]].ranks[indexOf[place]]
    const order = Uint32Array.from(keys.keys()).sort(
      (a, b) => keys[a] - keys[b] || rank(a) - rank(b) || b - a,
    )
    this.#setOf = setOf.map((_, position) => setOf[order[position]])
    this.#indexOf = indexOf.map((_, position) => indexOf[order[position]])
    this.#addresses = keys.map((_, position) => keys[order[position]])
    this.#ends = new Float64Array(count)
    this.#highestEnds = new Float64Array(count)
    this.#fillEnds()
  }

  get count(): number {
    return this.#addresses.length
  }

  /**
   * All symbols of that name: several versions, local functions of several source files. A name
   * with a version, `memcpy@GLIBC_2.14`, selects that version; `printf@plt` is the stub. Errors:
   * EBPF_ELF_LIMIT.
   */
  find(name: string): readonly ElfSymbol[] {
    const at = name.indexOf('@')
    const isStub = name.endsWith('@plt')
    const base = at < 0 || isStub ? name : name.slice(0, at)
    const version = at < 0 || isStub ? undefined : name.slice(at).replace(/^@+/, '')
    const wanted = Buffer.from(base)
    if (wanted.length === 0 || wanted.length > nameMax || wanted.includes(zero)) return []
    const found: ElfSymbol[] = []
    for (const position of this.#candidates(wanted)) {
      if (!this.#isNamed(position, wanted)) continue
      if (found.length === matchesMax) {
        throw new ElfError('EBPF_ELF_LIMIT', `find symbol ${name.slice(0, 80)}: too many of it`)
      }
      const symbol = this.#symbol(position)
      if (version === undefined || symbol.version === version) found.push(symbol)
    }
    return withoutRepeated(found)
  }

  /** Functions of all kinds but stubs, each once, sorted by name. Errors: EBPF_ELF_LIMIT. */
  functions(): readonly ElfSymbol[] {
    const found: ElfSymbol[] = []
    let length = 0
    for (let position = 0; position < this.count; position++) {
      const symbol = this.#symbol(position)
      if (symbol.kind === 'plt' || symbol.name === '') continue
      length += symbol.name.length
      if (length > namesMax) {
        throw new ElfError('EBPF_ELF_LIMIT', 'list functions: their names are too long')
      }
      found.push(symbol)
    }
    return withoutRepeated(found).sort((a, b) => compare(a.name, b.name) || a.address - b.address)
  }

  /**
   * The symbol that contains an address, the innermost of several, and the distance from its start.
   * A symbol without size reaches to the next one, up to 64 KiB.
   */
  at(address: number): { symbol: ElfSymbol; offset: number } | undefined {
    let position = this.#lastUpTo(address)
    for (let i = 0; i < enclosingMax && position >= 0; i++, position--) {
      if (this.#highestEnds[position] <= address) return undefined
      if (this.#ends[position] > address) {
        return { symbol: this.#symbol(position), offset: address - this.#addresses[position] }
      }
    }
    return undefined
  }

  /** The last position whose address is not above this one; -1 if there is none. */
  #lastUpTo(address: number): number {
    let [low, high] = [0, this.count]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#addresses[middle] <= address) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  /** Finds where each symbol ends, and the highest end up to each position. */
  #fillEnds(): void {
    let following = Number.POSITIVE_INFINITY
    for (let position = this.count - 1; position >= 0; position--) {
      const address = this.#addresses[position]
      const size = this.#sets[this.#setOf[position]].sizes[this.#indexOf[position]]
      this.#ends[position] = size > 0 ? address + size : Math.min(following, address + unsizedMax)
      if (position > 0 && this.#addresses[position - 1] < address) following = address
    }
    let highest = 0
    for (let position = 0; position < this.count; position++) {
      highest = Math.max(highest, this.#ends[position])
      this.#highestEnds[position] = highest
    }
  }

  /** The positions that may have this name, ascending. */
  #candidates(wanted: Buffer): Iterable<number> {
    if (++this.#lookups <= unindexedLookups) return this.#addresses.keys()
    this.#names ??= new NameIndex(this.count, (position) => {
      const { strings, names, hasVersionsInNames } = this.#sets[this.#setOf[position]]
      const start = names[this.#indexOf[position]]
      const end = textEnd(strings, start) ?? start
      const version = hasVersionsInNames ? strings.subarray(start, end).indexOf(atSign) : -1
      return hashName(strings, start, version < 0 ? end : start + version)
    })
    return this.#names.positions(hashName(wanted, 0, wanted.length))
  }

  /** Whether the name is this one, with or without a version. */
  #isNamed(position: number, wanted: Buffer): boolean {
    const { strings, names, hasVersionsInNames } = this.#sets[this.#setOf[position]]
    const start = names[this.#indexOf[position]]
    const end = start + wanted.length
    const last = strings[end]
    if (last !== zero && !(hasVersionsInNames && last === atSign)) return false
    return strings.compare(wanted, 0, wanted.length, start, end) === 0
  }

  #symbol(position: number): ElfSymbol {
    const set = this.#sets[this.#setOf[position]]
    const index = this.#indexOf[position]
    const text = textAt(set.strings, set.names[index])
    const kind = symbolKinds[set.kinds[index]]
    const place = { address: set.addresses[index], size: set.sizes[index], kind }
    const at = set.hasVersionsInNames ? text.indexOf('@') : -1
    if (at < 0) return { name: text, ...place, ...set.versionOf(index) }
    const isDefault = text[at + 1] === '@'
    const version = text.slice(at + (isDefault ? 2 : 1))
    return { name: text.slice(0, at), ...place, version, isDefault }
  }
}

/** Without symbols that another table has too; one without version gives way to one with. */
function withoutRepeated(symbols: readonly ElfSymbol[]): ElfSymbol[] {
  const found = new Map<string, ElfSymbol>()
  const versioned = new Set<string>()
  for (const symbol of symbols) {
    const place = `${symbol.address} ${symbol.name}`
    if (symbol.version !== undefined) versioned.add(place)
    const key = `${place}@${symbol.version ?? ''}`
    if (!found.has(key)) found.set(key, symbol)
  }
  return [...found.values()].filter(
    ({ address, name, version }) => version !== undefined || !versioned.has(`${address} ${name}`),
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

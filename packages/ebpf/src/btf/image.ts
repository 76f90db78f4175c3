import { positionsOf } from '#ebpf-platform'
import { BtfError } from './error.ts'
import { readSections } from './header.ts'
import { ENTRY_WORDS, FIXED_WORDS, KIND } from './kind.ts'
import { NameIndex } from './name-index.ts'
import { textOf } from './text.ts'

/**
 * Functions that are looked up by scanning the names; for more of them an index is built, which
 * takes as long as a few scans. The programs of an agent ask for eight.
 */
const unindexedLookups = 16

/** Longest name that is decoded; the kernel's own limit is 512. */
const MAX_NAME = 4096

/**
 * The undecoded types of one BTF blob by id, with those of the base it stands on. Keeps the
 * bytes that it was given; opening it costs one pass over the type section.
 */
export class BtfImage {
  readonly base: BtfImage | undefined
  /** First type id of this blob, and the one behind its last. */
  readonly firstId: number
  readonly endId: number
  /** Enumerations of this blob alone, ascending. */
  readonly enumIds: readonly number[]
  readonly #words: Uint32Array
  readonly #starts: Int32Array
  readonly #strings: Uint8Array
  /** Offset at which the strings of this blob begin: those of the base come first. */
  readonly #stringStart: number
  readonly #stringEnd: number
  /** Types that have a name but functions, ascending. */
  readonly #named: readonly number[]
  #typeNames: NameIndex | undefined
  /** Apart from the rest: functions have four of five names in a kernel, and few are asked for. */
  #functionNames: NameIndex | undefined
  /** Functions that were looked for without an index, by name. */
  readonly #scanned = new Map<string, readonly number[]>()

  /** Errors: EBPF_BTF_BAD_MAGIC, EBPF_BTF_TRUNCATED, EBPF_BTF_BAD_KIND, EBPF_BTF_BAD_STRING. */
  constructor(bytes: Uint8Array, base?: BtfImage) {
    const { words, strings } = readSections(bytes)
    this.base = base
    this.#words = words
    this.#strings = strings
    this.#stringStart = base ? base.#stringEnd : 0
    this.#stringEnd = this.#stringStart + strings.length
    this.firstId = base ? base.endId : 1

    // A type has three words at least.
    const starts = new Int32Array(Math.floor(words.length / 3))
    const enumIds: number[] = []
    const named: number[] = []
    let count = 0
    let at = 0
    while (at < words.length) {
      const info = at + 3 <= words.length ? words[at + 1] : 0
      const kind = (info >>> 24) & 0x1f
      const size = 3 + FIXED_WORDS[kind] + (info & 0xffff) * ENTRY_WORDS[kind]
      if (FIXED_WORDS[kind] < 0 || at + size > words.length) {
        this.#fail(at, kind, this.firstId + count)
      }
      if (kind === KIND.enum || kind === KIND.enum64) enumIds.push(this.firstId + count)
      if (kind !== KIND.func && words[at] !== 0) named.push(this.firstId + count)
      starts[count++] = at
      at += size
    }
    this.#starts = starts.subarray(0, count)
    this.enumIds = enumIds
    this.#named = named
    this.endId = this.firstId + count
  }

  #fail(at: number, kind: number, id: number): never {
    if (at + 3 <= this.#words.length && FIXED_WORDS[kind] < 0) {
      throw new BtfError('EBPF_BTF_BAD_KIND', `read BTF type ${id}: unknown kind ${kind}`)
    }
    throw new BtfError('EBPF_BTF_TRUNCATED', `read BTF type ${id}: it reaches beyond the section`)
  }

  /** Word `index` of the type; ids outside are EBPF_BTF_BAD_ID. Word 0: name, 1: info. */
  word(id: number, index: number): number {
    let image: BtfImage = this
    while (image.base && id < image.firstId) image = image.base
    const start = image.#starts[id - image.firstId]
    if (start === undefined) throw this.#badId(id)
    return image.#words[start + index]
  }

  #badId(id: number): BtfError {
    return new BtfError(
      'EBPF_BTF_BAD_ID',
      `read BTF type ${id}: ids reach from 0 to ${this.endId - 1}`,
    )
  }

  /** Kind number; 0 for id 0. */
  kind(id: number): number {
    return id === 0 ? KIND.void : (this.word(id, 1) >>> 24) & 0x1f
  }

  /** Entries of the type: members, values, parameters. */
  entries(id: number): number {
    return this.word(id, 1) & 0xffff
  }

  /** The bit whose meaning depends on the kind: bit fields, union, signed. */
  kindFlag(id: number): boolean {
    return this.word(id, 1) >>> 31 === 1
  }

  /** The string at an offset; EBPF_BTF_BAD_STRING when it is outside or absurdly long. */
  string(offset: number): string {
    if (offset === 0) return ''
    let image: BtfImage = this
    while (image.base && offset < image.#stringStart) image = image.base
    if (offset >= image.#stringEnd) throw image.#badString(offset)
    const strings = image.#strings
    const at = offset - image.#stringStart
    const end = strings.indexOf(0, at)
    if (end - at > MAX_NAME) {
      throw new BtfError('EBPF_BTF_BAD_STRING', `read BTF string ${offset}: ${end - at} bytes long`)
    }
    return textOf(strings, at, end)
  }

  /** Whether the string at an offset is that name (without its NUL). */
  stringIs(offset: number, name: Uint8Array): boolean {
    let image: BtfImage = this
    while (image.base && offset < image.#stringStart) image = image.base
    if (offset >= image.#stringEnd) throw image.#badString(offset)
    const strings = image.#strings
    const at = offset - image.#stringStart
    for (let index = 0; index < name.length; index++) {
      if (strings[at + index] !== name[index]) return false
    }
    return strings[at + name.length] === 0
  }

  #badString(offset: number): BtfError {
    return new BtfError(
      'EBPF_BTF_BAD_STRING',
      `read BTF string ${offset}: the strings end at ${this.#stringEnd}`,
    )
  }

  /** Ids of the types of that name but functions, ascending, those of the base first. */
  named(name: Uint8Array): number[] {
    if (name.length === 0 || name.includes(0)) return []
    const ids = this.base ? this.base.named(name) : []
    this.#typeNames ??= this.#indexNames(this.#named)
    return this.#ofName(name, this.#typeNames, ids)
  }

  /** Ids of the functions of that name, ascending, those of the base first. */
  functionsNamed(name: Uint8Array): number[] {
    if (name.length === 0 || name.includes(0)) return []
    const ids = this.base ? this.base.functionsNamed(name) : []
    if (this.#functionNames === undefined) {
      const text = textOf(name, 0, name.length)
      const known = this.#scanned.get(text)
      if (known) return [...ids, ...known]
      if (this.#scanned.size < unindexedLookups) {
        const own = this.#scanFunctions(name)
        this.#scanned.set(text, own)
        return [...ids, ...own]
      }
    }
    this.#functionNames ??= this.#indexNames(this.#functions())
    return this.#ofName(name, this.#functionNames, ids)
  }

  /**
   * The functions of this blob without an index: finds the name's places in the strings, then who
   * has them.
   */
  #scanFunctions(name: Uint8Array): number[] {
    const ids: number[] = []
    const words = this.#words
    const terminated = new Uint8Array(name.length + 1)
    terminated.set(name)
    for (const offset of this.#offsetsOf(terminated)) {
      for (let at = words.indexOf(offset); at >= 0; at = words.indexOf(offset, at + 1)) {
        const id = this.#idAt(at)
        if (id !== undefined && this.kind(id) === KIND.func) ids.push(id)
      }
    }
    return ids.sort((a, b) => a - b)
  }

  /** Id of the type of this blob that begins at a word; undefined if none does. */
  #idAt(word: number): number | undefined {
    const starts = this.#starts
    let low = 0
    let high = starts.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (starts[middle] < word) low = middle + 1
      else high = middle
    }
    return starts[low] === word ? this.firstId + low : undefined
  }

  /** Offsets of all strings that are, or end with, the given one, ascending, the base's first. */
  #offsetsOf(terminated: Uint8Array): number[] {
    const offsets = this.base ? this.base.#offsetsOf(terminated) : []
    for (const at of positionsOf(terminated, this.#strings)) offsets.push(this.#stringStart + at)
    return offsets
  }

  #ofName(name: Uint8Array, index: NameIndex, ids: number[]): number[] {
    for (const id of index.candidates(name)) {
      if (this.stringIs(this.word(id, 0), name)) ids.push(id)
    }
    return ids
  }

  *#functions(): Generator<number> {
    for (let id = this.firstId; id < this.endId; id++) if (this.kind(id) === KIND.func) yield id
  }

  #indexNames(ids: Iterable<number>): NameIndex {
    const index = new NameIndex(this.firstId, this.endId - this.firstId)
    for (const id of ids) {
      const offset = this.#words[this.#starts[id - this.firstId]]
      if (offset === 0 || offset >= this.#stringEnd) continue
      let image: BtfImage = this
      while (image.base && offset < image.#stringStart) image = image.base
      index.add(id, image.#strings, offset - image.#stringStart)
    }
    return index
  }
}

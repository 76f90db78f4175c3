/** Reads functions and static probes of executables and libraries: little-endian, 64 or 32 bits. */

const magic = 0x7f454c46
const littleEndian = 1
const symtab = 2
const dynsym = 11
const noteType = 7
/** SHT_NOBITS: a section that has a length, but no contents in the file. */
const withoutContents = 8
const functionType = 2
const indirectFunctionType = 10

/** A section of the file. */
interface Section {
  readonly name: string
  readonly type: number
  readonly link: number
  readonly bytes: Uint8Array
}

/** A static probe (USDT) as its note describes it. */
export interface UsdtProbe {
  readonly provider: string
  readonly name: string
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}

/** Maximum length of a name. Longer ones, and names without an end, are treated as empty. */
const nameMax = 4096
/** Maximum length of all names of functions: symbols of a hostile file may share their text. */
const namesMax = 1 << 26

/** Text up to a zero byte, in latin1. */
function cString(bytes: Uint8Array, at: number): string {
  const piece = bytes.subarray(at, at + nameMax + 1)
  return String.fromCharCode(...piece.subarray(0, Math.max(0, piece.indexOf(0))))
}

/** An ELF file in memory. */
export class ElfFile {
  readonly #is64: boolean
  readonly #sections: readonly Section[]

  /** @throws Error if it is none, or broken */
  constructor(bytes: Uint8Array) {
    const view = viewOf(bytes)
    if (bytes.length < 52 || view.getUint32(0) !== magic) throw new Error('not an ELF file')
    if (bytes[5] !== littleEndian) throw new Error('unsupported byte order')
    this.#is64 = bytes[4] === 2
    try {
      this.#sections = this.#readSections(bytes, view)
    } catch {
      throw new Error('invalid section table')
    }
  }

  #readSections(bytes: Uint8Array, view: DataView): Section[] {
    const is64 = this.#is64
    const u32 = (at: number): number => view.getUint32(at, true)
    const word = (at: number): number => (is64 ? Number(view.getBigUint64(at, true)) : u32(at))
    const table = word(is64 ? 40 : 32)
    const [size, count, names] = [0, 2, 4].map((i) => view.getUint16((is64 ? 58 : 46) + i, true))
    const headers = Array.from({ length: table === 0 ? 0 : count }, (_, i) => {
      const at = table + i * size
      const type = u32(at + 4)
      const start = word(at + (is64 ? 24 : 16))
      const length = type === withoutContents ? 0 : word(at + (is64 ? 32 : 20))
      const link = u32(at + (is64 ? 40 : 24))
      return { nameAt: u32(at), type, link, bytes: bytes.subarray(start, start + length) }
    })
    const strings = headers[names]?.bytes ?? new Uint8Array()
    return headers.map(({ nameAt, ...others }) => ({ name: cString(strings, nameAt), ...others }))
  }

  /** Names of the functions that the file defines, each once, sorted. @throws Error if too long */
  functions(): string[] {
    const found = new Set<string>()
    let length = 0
    const entry = this.#is64 ? 24 : 16
    for (const { type, bytes, link } of this.#sections) {
      if (type !== symtab && type !== dynsym) continue
      const view = viewOf(bytes)
      const strings = this.#sections[link]?.bytes ?? new Uint8Array()
      for (let at = 0; at + entry <= bytes.length; at += entry) {
        const kind = bytes[at + (this.#is64 ? 4 : 12)] & 0xf
        const section = view.getUint16(at + (this.#is64 ? 6 : 14), true)
        if (section === 0 || (kind !== functionType && kind !== indirectFunctionType)) continue
        const name = cString(strings, view.getUint32(at, true))
        if (name === '' || found.has(name)) continue
        length += name.length
        if (length > namesMax) throw new Error('names of functions are too long')
        found.add(name)
      }
    }
    return [...found].sort()
  }

  /** Static probes, each once, in the order of the file (section `.note.stapsdt`). */
  usdtProbes(): UsdtProbe[] {
    const found = new Map<string, UsdtProbe>()
    const addresses = 3 * (this.#is64 ? 8 : 4)
    for (const { type, name, bytes } of this.#sections) {
      if (type !== noteType || name !== '.note.stapsdt') continue
      const view = viewOf(bytes)
      for (let at = 0; at + 12 <= bytes.length; ) {
        const [nameLength, length] = [view.getUint32(at, true), view.getUint32(at + 4, true)]
        const start = at + 12 + align(nameLength)
        const provider = cString(bytes, start + addresses)
        const probe = cString(bytes, start + addresses + provider.length + 1)
        if (provider !== '' && probe !== '') {
          found.set(`${provider}:${probe}`, { provider, name: probe })
        }
        at = start + align(length)
      }
    }
    return [...found.values()]
  }
}

function align(length: number): number {
  return Math.ceil(length / 4) * 4
}

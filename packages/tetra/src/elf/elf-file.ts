/** Reads what policies need of executables and libraries: little-endian ELF of 64 or 32 bits. */

const magic = 0x7f454c46
const littleEndian = 1
const symtab = 2
const dynsym = 11
const noteType = 7
const functionType = 2
const indirectFunctionType = 10

/** A section of the file. */
interface Section {
  readonly name: string
  readonly type: number
  readonly link: number
  readonly bytes: Buffer
}

/** A static probe (USDT) as its note describes it. */
export interface UsdtProbe {
  readonly provider: string
  readonly name: string
}

function cString(bytes: Buffer, at: number): string {
  const end = bytes.indexOf(0, at)
  return bytes.toString('latin1', at, end < 0 ? bytes.length : end)
}

/** An ELF file in memory. */
export class ElfFile {
  readonly #is64: boolean
  readonly #sections: readonly Section[]

  /** @throws Error if it is none, or broken */
  constructor(bytes: Buffer) {
    if (bytes.length < 52 || bytes.readUInt32BE(0) !== magic) throw new Error('not an ELF file')
    if (bytes[5] !== littleEndian) throw new Error('unsupported byte order')
    this.#is64 = bytes[4] === 2
    try {
      this.#sections = this.#readSections(bytes)
    } catch {
      throw new Error('invalid section table')
    }
  }

  #readSections(bytes: Buffer): Section[] {
    const is64 = this.#is64
    const word = (at: number): number =>
      is64 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUInt32LE(at)
    const table = is64 ? word(40) : bytes.readUInt32LE(32)
    const [size, count, names] = [0, 2, 4].map((i) => bytes.readUInt16LE((is64 ? 58 : 46) + i))
    const headers = Array.from({ length: table === 0 ? 0 : count }, (_, i) => {
      const at = table + i * size
      const start = word(at + (is64 ? 24 : 16))
      const type = bytes.readUInt32LE(at + 4)
      const length = word(at + (is64 ? 32 : 20))
      return {
        nameAt: bytes.readUInt32LE(at),
        type,
        link: bytes.readUInt32LE(at + (is64 ? 40 : 24)),
        // A section without contents (SHT_NOBITS) has a length all the same.
        bytes: type === 8 ? bytes.subarray(0, 0) : bytes.subarray(start, start + length),
      }
    })
    const strings = headers[names]?.bytes ?? Buffer.alloc(0)
    return headers.map(({ nameAt, ...rest }) => ({ name: cString(strings, nameAt), ...rest }))
  }

  /** Names of the functions that the file defines, each once, sorted. */
  functions(): string[] {
    const found = new Set<string>()
    const entry = this.#is64 ? 24 : 16
    for (const { type, bytes, link } of this.#sections) {
      if (type !== symtab && type !== dynsym) continue
      const strings = this.#sections[link]?.bytes ?? Buffer.alloc(0)
      for (let at = 0; at + entry <= bytes.length; at += entry) {
        const kind = bytes[at + (this.#is64 ? 4 : 12)] & 0xf
        const section = bytes.readUInt16LE(at + (this.#is64 ? 6 : 14))
        if (section === 0 || (kind !== functionType && kind !== indirectFunctionType)) continue
        const name = cString(strings, bytes.readUInt32LE(at))
        if (name !== '') found.add(name)
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
      for (let at = 0; at + 12 <= bytes.length; ) {
        const [nameLength, length] = [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)]
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

import type { ElfBits } from '../fields.ts'
import type { SectionSpec } from './build-elf.ts'

/** A symbol of a built file. */
export interface SymbolSpec {
  readonly name: string
  readonly address?: number
  readonly size?: number
  /** `st_info & 15`: a function by default. */
  readonly type?: number
  /** Whether this file defines it, and does not import it. */
  readonly isDefined?: boolean
}

/** Numbers of that many bits, one after the other. */
export function words(bits: 16 | 32 | 64, ...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc((values.length * bits) / 8)
  values.forEach((value, index) => {
    if (bits === 16) bytes.writeUInt16LE(value, index * 2)
    else if (bits === 32) bytes.writeUInt32LE(value >>> 0, index * 4)
    else bytes.writeBigUInt64LE(BigInt(value), index * 8)
  })
  return bytes
}

/** Texts that end in zero, after an empty one, and where each begins. */
export function strings(names: readonly string[]) {
  const bytes = Buffer.from(`\0${names.join('\0')}\0`)
  return { bytes, offsetOf: (name: string): number => bytes.indexOf(`\0${name}\0`) + 1 }
}

/** `.symtab` and `.strtab`, or `.dynsym` and `.dynstr`. */
export function symbolSections(
  symbols: readonly SymbolSpec[],
  bits: ElfBits = 64,
  isDynamic = false,
): SectionSpec[] {
  const [table, texts] = isDynamic ? ['.dynsym', '.dynstr'] : ['.symtab', '.strtab']
  const names = strings(symbols.map(({ name }) => name))
  const entry = (each: SymbolSpec): Buffer => {
    const { address = 0x40_1000, size = 0, type = 2, isDefined = true } = each
    const name = words(32, names.offsetOf(each.name))
    const info = Buffer.from([0x10 | type, 0])
    const section = words(16, isDefined ? 1 : 0)
    const place = words(bits, address, size)
    return Buffer.concat(bits === 64 ? [name, info, section, place] : [name, place, info, section])
  }
  const empty = Buffer.alloc(bits === 64 ? 24 : 16)
  const bytes = Buffer.concat([empty, ...symbols.map(entry)])
  return [
    { name: table, type: isDynamic ? 11 : 2, bytes, link: texts },
    { name: texts, type: 3, bytes: names.bytes },
  ]
}

/** A note. */
export function note(owner: string, type: number, contents: Buffer): Buffer {
  const align = (bytes: Buffer): Buffer => {
    return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)])
  }
  const name = Buffer.from(`${owner}\0`)
  return Buffer.concat([
    words(32, name.length, contents.length, type),
    align(name),
    align(contents),
  ])
}

/** A static probe of a built file. */
export interface ProbeSpec {
  readonly provider: string
  readonly name: string
  readonly arguments?: string
  readonly address?: number
  readonly base?: number
  readonly semaphore?: number
}

/** The note of a static probe. */
export function probeNote(probe: ProbeSpec, bits: ElfBits = 64): Buffer {
  const { provider, name, address = 0x40_0000, base = 0, semaphore = 0 } = probe
  const texts = Buffer.from(`${provider}\0${name}\0${probe.arguments ?? ''}\0`)
  return note('stapsdt', 3, Buffer.concat([words(bits, address, base, semaphore), texts]))
}

/** The section with the notes of static probes. */
export function probeSection(probes: readonly ProbeSpec[], bits: ElfBits = 64): SectionSpec {
  const bytes = Buffer.concat(probes.map((probe) => probeNote(probe, bits)))
  return { name: '.note.stapsdt', type: 7, bytes }
}

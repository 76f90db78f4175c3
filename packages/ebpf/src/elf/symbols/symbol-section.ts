import { ElfError } from '../error.ts'
import { Fields } from '../fields.ts'
import type { ElfImage } from '../image.ts'
import type { SymbolPlaces } from './symbol-places.ts'
import { SymbolSet } from './symbol-set.ts'
import { readVersionNames } from './versions.ts'

/** Symbols of one table. Large browsers have about a million. */
export const symbolsMax = 1 << 21
/** Bytes of the names of one table. */
export const stringsMax = 1 << 27

/** STT_OBJECT, STT_FUNC, STT_GNU_IFUNC. */
const [objectType, functionType, indirectType] = [1, 2, 10]
/** SHN_LORESERVE, SHN_XINDEX: numbers from the first on are not sections, except the second. */
const [reservedSections, extendedSection] = [0xff00, 0xffff]
/** STB_LOCAL, STB_GLOBAL, STB_WEAK → rank. */
const ranks: Readonly<Record<number, number>> = { 0: 1, 1: 3, 2: 2 }

/**
 * The functions, or variables, that a symbol table defines: Elf64_Sym and Elf32_Sym,
 * include/uapi/linux/elf.h. Errors: EBPF_ELF_LIMIT, EBPF_ELF_READ.
 */
export function readSymbolSection(
  image: ElfImage,
  places: SymbolPlaces,
  wanted: 'functions' | 'objects' = 'functions',
): SymbolSet {
  const { source, header } = image
  const is64 = header.bits === 64
  const entry = is64 ? 24 : 16
  if (places.symbols.size > symbolsMax * entry || places.strings.size > stringsMax) {
    throw new ElfError('EBPF_ELF_LIMIT', 'read symbols: too many, or names too long')
  }
  const read = ({ offset, size }: { offset: number; size: number }): Fields =>
    new Fields(source.read(offset, size), header.bits)
  const fields = read(places.symbols)
  const strings = source.read(places.strings.offset, places.strings.size)
  const versionBits = places.versions && read(clamp(places.versions, symbolsMax * 2))
  const definitions = places.versionDefinitions && read(clamp(places.versionDefinitions, 1 << 20))
  const versions = definitions ? readVersionNames(definitions, strings) : ['']
  const hasVersionsInNames = versionBits === undefined
  const capacity = Math.floor(fields.length / entry)
  const set = new SymbolSet(strings, capacity, { versions, hasVersionsInNames })
  // The lowest bit of a function's address on arm is the instruction set.
  const addressOf = (value: number): number =>
    header.machine === 'arm' ? value - (value % 2) : value
  for (let i = 0; i < capacity; i++) {
    const at = i * entry
    const info = fields.bytes[at + (is64 ? 4 : 12)]
    const type = info & 0xf
    const isWanted =
      wanted === 'objects' ? type === objectType : type === functionType || type === indirectType
    const section = fields.u16(at + (is64 ? 6 : 14))
    const isDefined = section !== 0 && (section < reservedSections || section === extendedSection)
    if (!isWanted || !isDefined) continue
    const value = fields.word(at + (is64 ? 8 : 4))
    const size = fields.word(at + (is64 ? 16 : 8))
    const nameAt = fields.u32(at)
    if (value + size === Number.POSITIVE_INFINITY || !hasName(strings, nameAt)) continue
    const bits = versionBits && i * 2 + 2 <= versionBits.length ? versionBits.u16(i * 2) : 0
    set.add({
      nameAt,
      address: type === objectType ? value : addressOf(value),
      size,
      kind: type === objectType ? 'object' : type === functionType ? 'function' : 'ifunc',
      rank: (ranks[info >> 4] ?? 0) * 2 + (size > 0 ? 1 : 0),
      version: bits & 0x7fff,
      isDefault: (bits & 0x8000) === 0,
    })
  }
  return set
}

function clamp({ offset, size }: { offset: number; size: number }, max: number) {
  return { offset, size: Math.min(size, max) }
}

function hasName(strings: Uint8Array, at: number): boolean {
  return at < strings.length && strings[at] !== 0
}

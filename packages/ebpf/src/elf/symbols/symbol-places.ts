import { dynamicTag, readDynamic } from '../dynamic.ts'
import { Fields } from '../fields.ts'
import type { ElfImage } from '../image.ts'
import { type Section, sectionType } from '../sections.ts'

/** A range of the file. */
export interface Range {
  readonly offset: number
  readonly size: number
}

/** Where the parts of a symbol table are. */
export interface SymbolPlaces {
  readonly symbols: Range
  readonly strings: Range
  /** One 16-bit version number per symbol. */
  readonly versions?: Range
  readonly versionDefinitions?: Range
}

/** `.symtab`: all symbols, unless the file is stripped. */
export function staticSymbols({ sections }: ElfImage): SymbolPlaces | undefined {
  return ofSection(
    sections,
    sections.find(({ type }) => type === sectionType.symbols),
  )
}

/** `.dynsym`: the symbols for the dynamic linker. Without that section, as it finds them. */
export function dynamicSymbols(image: ElfImage): SymbolPlaces | undefined {
  const { sections } = image
  const places = ofSection(
    sections,
    sections.find(({ type }) => type === sectionType.dynamicSymbols),
  )
  if (places === undefined) return ofDynamicSegment(image)
  return {
    ...places,
    versions: sections.find(({ type }) => type === sectionType.versions),
    versionDefinitions: sections.find(({ type }) => type === sectionType.versionDefinitions),
  }
}

function ofSection(
  sections: readonly Section[],
  symbols: Section | undefined,
): SymbolPlaces | undefined {
  const strings = symbols && sections[symbols.link]
  return strings && { symbols, strings }
}

function ofDynamicSegment(image: ElfImage): SymbolPlaces | undefined {
  const { addresses, header } = image
  const dynamic = readDynamic(image)
  const offsetOf = (tag: number): number | undefined => {
    const address = dynamic.get(tag)
    return address === undefined ? undefined : addresses.offsetOf(address)
  }
  const range = (tag: number, size: number): Range | undefined => {
    const offset = offsetOf(tag)
    return offset === undefined ? undefined : { offset, size }
  }
  const count = countByHash(image, offsetOf(dynamicTag.hash), offsetOf(dynamicTag.gnuHash))
  const symbols = range(dynamicTag.symbols, count * (header.bits === 64 ? 24 : 16))
  const strings = range(dynamicTag.strings, dynamic.get(dynamicTag.stringsSize) ?? 0)
  if (symbols === undefined || strings === undefined) return undefined
  const versions = range(dynamicTag.versions, count * 2)
  const versionDefinitions = range(dynamicTag.versionDefinitions, 1 << 20)
  return { symbols, strings, versions, versionDefinitions }
}

/** Bytes of a hash table. */
const hashMax = 1 << 26

/** The number of dynamic symbols, which only the hash tables have. */
function countByHash(image: ElfImage, hash?: number, gnuHash?: number): number {
  const read = (offset: number, size: number): Fields =>
    new Fields(image.source.read(offset, Math.min(size, hashMax)), image.header.bits)
  if (hash !== undefined) {
    const head = read(hash, 8)
    if (head.length === 8) return head.u32(4)
  }
  if (gnuHash === undefined) return 0
  const head = read(gnuHash, 16)
  if (head.length < 16) return 0
  const [buckets, first, words] = [head.u32(0), head.u32(4), head.u32(8)]
  const bucketsAt = gnuHash + 16 + words * head.wordSize
  const table = read(bucketsAt, buckets * 4)
  let last = 0
  for (let at = 0; at + 4 <= table.length; at += 4) last = Math.max(last, table.u32(at))
  if (last < first) return first
  // The chain of the last bucket ends at an odd hash.
  const chain = read(bucketsAt + buckets * 4 + (last - first) * 4, hashMax)
  for (let at = 0; at + 4 <= chain.length; at += 4) {
    if ((chain.u32(at) & 1) !== 0) return last + at / 4 + 1
  }
  return last
}

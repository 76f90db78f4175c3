import { Fields } from './fields.ts'
import type { ElfImage } from './image.ts'
import { segmentType } from './segments.ts'

/** Tags of the dynamic segment (`d_tag`): include/uapi/linux/elf.h and glibc's elf.h. */
export const dynamicTag = {
  stubRelocationsSize: 2,
  hash: 4,
  strings: 5,
  symbols: 6,
  relocationsWithAddend: 7,
  relocationsWithAddendSize: 8,
  stringsSize: 10,
  relocations: 17,
  relocationsSize: 18,
  stubRelocationType: 20,
  stubRelocations: 23,
  gnuHash: 0x6fff_fef5,
  versions: 0x6fff_fff0,
  versionDefinitions: 0x6fff_fffc,
} as const

const entriesMax = 4096

/** The entries of the dynamic segment by tag; empty for static programs. */
export function readDynamic({ source, header, segments }: ElfImage): ReadonlyMap<number, number> {
  const found = new Map<number, number>()
  const segment = segments.find(({ type }) => type === segmentType.dynamic)
  if (segment === undefined) return found
  const entry = header.bits === 64 ? 16 : 8
  const bytes = source.read(segment.offset, Math.min(segment.size, entriesMax * entry))
  const fields = new Fields(bytes, header.bits)
  for (let at = 0; at + entry <= fields.length; at += entry) {
    const tag = fields.word(at)
    if (tag === 0) break
    if (!found.has(tag)) found.set(tag, fields.word(at + fields.wordSize))
  }
  return found
}

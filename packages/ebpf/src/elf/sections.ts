import { ElfError } from './error.ts'
import { Fields } from './fields.ts'
import { type ElfHeader, sectionHeaderSize } from './header.ts'
import type { ElfSource } from './source.ts'
import { textAt } from './text.ts'

/** Section types (`sh_type`): include/uapi/linux/elf.h, and the GNU extensions of glibc's elf.h. */
export const sectionType = {
  symbols: 2,
  relocationsWithAddend: 4,
  note: 7,
  withoutContents: 8,
  relocations: 9,
  dynamicSymbols: 11,
  versionDefinitions: 0x6fff_fffd,
  versions: 0x6fff_ffff,
} as const

/** A section header. */
export interface Section {
  readonly name: string
  readonly type: number
  readonly address: number
  readonly offset: number
  /** Bytes in the file. */
  readonly size: number
  /** Index of a section that belongs to it. */
  readonly link: number
}

/** Programs have about 40 sections; object files have one per function. */
const countMax = 65536
/** Bytes of the section with the names of sections, and of one name. */
const [namesMax, nameMax] = [1 << 22, 256]

/**
 * All section headers; none if the file has none, is too short for them, or has headers of another
 * size than usual: the kernel runs such a file nevertheless. Errors: EBPF_ELF_LIMIT, EBPF_ELF_READ.
 */
export function readSections(source: ElfSource, { sections, bits }: ElfHeader): Section[] {
  const { offset, size, count } = sections
  if (offset === 0 || size !== sectionHeaderSize(bits) || offset + size * count > source.length)
    return []
  if (count > countMax) {
    throw new ElfError('EBPF_ELF_LIMIT', `read section headers: ${count}, too many`)
  }
  const fields = new Fields(source.read(offset, size * count), bits)
  const headers: (Section & { nameAt: number })[] = []
  for (let at = 0; at + size <= fields.length; at += size) {
    const word = (index: number): number => fields.word(at + 8 + index * fields.wordSize)
    const type = fields.u32(at + 4)
    headers.push({
      nameAt: fields.u32(at),
      name: '',
      type,
      address: word(1),
      offset: word(2),
      size: type === sectionType.withoutContents ? 0 : word(3),
      link: fields.u32(at + (bits === 64 ? 40 : 24)),
    })
  }
  const names = headers[sections.names]
  const texts = names ? source.read(names.offset, Math.min(names.size, namesMax)) : new Uint8Array()
  return headers.map(({ nameAt, ...others }) => ({
    ...others,
    name: textAt(texts, nameAt, nameMax),
  }))
}

import { dynamicTag, readDynamic } from './dynamic.ts'
import { Fields } from './fields.ts'
import type { ElfImage } from './image.ts'
import { sectionType } from './sections.ts'

/** A change that the dynamic linker makes: Elf64_Rela and Elf32_Rel, include/uapi/linux/elf.h. */
export interface Relocation {
  /** Address of the changed word. */
  readonly address: number
  readonly type: number
  /** Index in the dynamic symbols. */
  readonly symbol: number
  /** Undefined if the file has it in the changed word. */
  readonly addend: number | undefined
}

/** Bytes of all tables: large programs have some hundred thousand entries. */
const bytesMax = 1 << 25

/** A table of relocations. */
interface Table {
  readonly offset: number
  readonly size: number
  readonly hasAddend: boolean
}

/** All relocations: those of sections, or without such sections those of the dynamic segment. */
export function* readRelocations(image: ElfImage): Generator<Relocation> {
  const { source, header } = image
  const is64 = header.bits === 64
  let left = bytesMax
  const tables = ofSections(image)
  for (const { offset, size, hasAddend } of tables.length > 0 ? tables : ofDynamicSegment(image)) {
    const fields = new Fields(source.read(offset, Math.min(size, left)), header.bits)
    left -= fields.length
    const entry = fields.wordSize * (hasAddend ? 3 : 2)
    for (let at = 0; at + entry <= fields.length; at += entry) {
      const info = fields.u32(at + fields.wordSize)
      yield {
        address: fields.word(at),
        type: is64 ? info : info & 0xff,
        symbol: is64 ? fields.u32(at + 12) : info >>> 8,
        addend: hasAddend ? fields.word(at + 2 * fields.wordSize) : undefined,
      }
    }
  }
}

function ofSections({ sections }: ElfImage): Table[] {
  const wanted: readonly number[] = [sectionType.relocationsWithAddend, sectionType.relocations]
  return sections
    .filter(({ type }) => wanted.includes(type))
    .map(({ type, offset, size }) => ({
      offset,
      size,
      hasAddend: type === sectionType.relocationsWithAddend,
    }))
}

function ofDynamicSegment(image: ElfImage): Table[] {
  const dynamic = readDynamic(image)
  const table = (tag: number, sizeTag: number, hasAddend: boolean): Table[] => {
    const offset = image.addresses.offsetOf(dynamic.get(tag) ?? Number.NaN)
    return offset === undefined ? [] : [{ offset, size: dynamic.get(sizeTag) ?? 0, hasAddend }]
  }
  const stubsHaveAddend =
    dynamic.get(dynamicTag.stubRelocationType) === dynamicTag.relocationsWithAddend
  return [
    ...table(dynamicTag.relocationsWithAddend, dynamicTag.relocationsWithAddendSize, true),
    ...table(dynamicTag.relocations, dynamicTag.relocationsSize, false),
    ...table(dynamicTag.stubRelocations, dynamicTag.stubRelocationsSize, stubsHaveAddend),
  ]
}

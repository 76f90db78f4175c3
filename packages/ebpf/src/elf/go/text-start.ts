import { Fields } from '../fields.ts'
import type { ElfMachine } from '../header.ts'
import type { ElfImage } from '../image.ts'
import { type Relocation, readRelocations } from '../relocations.ts'
import { segmentType } from '../segments.ts'

/** Words of runtime.moduledata before `text`, since Go 1.16: runtime/symtab.go. */
const textIndex = 22
/** R_*_RELATIVE: the word is an address in this file. */
const relativeTypes: Readonly<Record<ElfMachine, number>> = {
  'x86-64': 8,
  x86: 8,
  arm64: 1027,
  arm: 23,
}
/** Bytes of data that are searched, and bytes of one piece of them. */
const [searchMax, pieceSize] = [1 << 26, 1 << 20]
/** Structures that begin with the address of the table. */
const candidatesMax = 4096

/**
 * The start of Go's code, which entries of the table are relative to: `text` of
 * runtime.firstmoduledata, a structure that begins with the address of the table. In an executable
 * that is relocated the words of the structure may be in the relocations. Undefined if not found.
 */
export function findTextStart(image: ElfImage, tableAddress: number): number | undefined {
  return byRelocations(image, tableAddress) ?? byContents(image, tableAddress)
}

function byRelocations(image: ElfImage, tableAddress: number): number | undefined {
  const distance = textIndex * (image.header.bits === 64 ? 8 : 4)
  const texts = new Set<number>()
  for (const { address, addend } of relative(image)) {
    if (addend !== tableAddress) continue
    texts.add(address + distance)
    if (texts.size === candidatesMax) break
  }
  if (texts.size === 0) return undefined
  for (const { address, addend } of relative(image)) {
    // Each place is examined once.
    if (addend === undefined || !texts.delete(address)) continue
    if (image.addresses.isExecutable(addend)) return addend
  }
  return undefined
}

function* relative(image: ElfImage): Generator<Relocation> {
  for (const each of readRelocations(image)) {
    if (each.type === relativeTypes[image.header.machine]) yield each
  }
}

function byContents(image: ElfImage, tableAddress: number): number | undefined {
  const distance = textIndex * (image.header.bits === 64 ? 8 : 4)
  let left = searchMax
  let candidates = 0
  for (const { type, isExecutable, offset, size } of image.segments) {
    if (type !== segmentType.load || isExecutable) continue
    const end = Math.min(size, left)
    left -= end
    for (let start = 0; start < end; start += pieceSize) {
      // Pieces overlap, so that each structure is in one of them.
      const length = Math.min(pieceSize + distance + 8, size - start)
      const fields = new Fields(image.source.read(offset + start, length), image.header.bits)
      const last = fields.length - distance - fields.wordSize
      for (let at = 0; at <= last; at += fields.wordSize) {
        if (fields.word(at) !== tableAddress) continue
        if (++candidates > candidatesMax) return undefined
        const text = fields.word(at + distance)
        if (image.addresses.isExecutable(text)) return text
      }
    }
  }
  return undefined
}

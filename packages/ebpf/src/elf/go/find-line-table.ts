import { Fields } from '../fields.ts'
import type { ElfImage } from '../image.ts'
import { segmentType } from '../segments.ts'
import { beginsLineTable, type LineTable, lineTableHeader, readLineTable } from './line-table.ts'

/** A table and where it is. */
export interface FoundLineTable {
  readonly table: LineTable
  readonly address: number
  readonly offset: number
  /** Bytes from its start to the end of its section or segment. */
  readonly size: number
}

/** The linker aligns the table at least so. */
const alignment = 8
/** Bytes that are searched, and bytes of one piece of them. */
const [searchMax, pieceSize] = [1 << 28, 1 << 20]
/** Places with the first bytes of a table that are examined. */
const candidatesMax = 4096

/**
 * Finds `.gopclntab` by its name, or by its first bytes: in a file without section headers, and
 * where an external linker has merged it into another section.
 */
export function findLineTable(image: ElfImage): FoundLineTable | undefined {
  const { sections } = image
  const section = sections.find(({ name }) => /^\.(data\.rel\.ro\.)?gopclntab$/.test(name))
  if (section !== undefined) return readAt(image, section)
  const isGo = sections.some(({ name }) => name === '.go.buildinfo' || name === '.note.go.buildid')
  return isGo || sections.length === 0 ? searchSegments(image) : undefined
}

function readAt(
  { source, header }: ElfImage,
  place: { readonly offset: number; readonly address: number; readonly size: number },
): FoundLineTable | undefined {
  const { offset, address, size } = place
  const head = source.read(offset, Math.min(size, lineTableHeader))
  const table = readLineTable(new Fields(head, header.bits), size)
  return table && { table, offset, address, size }
}

function searchSegments(image: ElfImage): FoundLineTable | undefined {
  let left = searchMax
  let candidates = 0
  for (const { type, isExecutable, offset, address, size } of image.segments) {
    if (type !== segmentType.load || isExecutable) continue
    const end = Math.min(size, left)
    left -= end
    for (
      let start = (alignment - (address % alignment)) % alignment;
      start < end;
      start += pieceSize
    ) {
      const piece = image.source.read(offset + start, Math.min(pieceSize, end - start))
      for (let at = 0; at < piece.length; at += alignment) {
        if (!beginsLineTable(piece, at)) continue
        if (++candidates > candidatesMax) return undefined
        const place = start + at
        const found = readAt(image, {
          offset: offset + place,
          address: address + place,
          size: size - place,
        })
        if (found !== undefined) return found
      }
      if (piece.length === 0) break
    }
  }
  return undefined
}

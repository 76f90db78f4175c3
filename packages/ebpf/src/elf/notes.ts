import { Fields } from './fields.ts'
import type { ElfImage } from './image.ts'
import { sectionType } from './sections.ts'
import { segmentType } from './segments.ts'
import { textAt } from './text.ts'

/** A note: struct elf64_note, include/uapi/linux/elf.h. */
export interface Note {
  /** `GNU`, `stapsdt`… */
  readonly owner: string
  readonly type: number
  readonly contents: Uint8Array
}

/** Bytes of all sections and segments of notes, which may overlap. */
const bytesMax = 1 << 25

/** The notes of all note sections, then of all note segments, which repeat some of them. */
export function* readNotes(image: ElfImage): Generator<Note> {
  const inSections = image.sections
    .filter(({ type }) => type === sectionType.note)
    .map((each) => ({ ...each, alignment: 4 }))
  const inSegments = image.segments.filter(({ type }) => type === segmentType.note)
  let left = bytesMax
  for (const { offset, size, alignment } of [...inSections, ...inSegments]) {
    if (left <= 0) return
    const bytes = image.source.read(offset, Math.min(size, left))
    left -= bytes.length + 1
    yield* notesOf(new Fields(bytes, image.header.bits), alignment === 8 ? 8 : 4)
  }
}

function* notesOf(fields: Fields, alignment: 4 | 8): Generator<Note> {
  const align = (length: number): number => Math.ceil(length / alignment) * alignment
  for (let at = 0; at + 12 <= fields.length; ) {
    const [nameLength, length, type] = [fields.u32(at), fields.u32(at + 4), fields.u32(at + 8)]
    const start = at + align(12 + nameLength)
    if (start + length > fields.length) return
    const owner = textAt(fields.bytes.subarray(at + 12, at + 12 + nameLength), 0)
    yield { owner, type, contents: fields.bytes.subarray(start, start + length) }
    at = start + align(length)
  }
}

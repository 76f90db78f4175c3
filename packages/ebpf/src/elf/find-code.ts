import type { ElfImage } from './image.ts'
import { segmentType } from './segments.ts'

const chunkSize = 1 << 16
/** The first functions of a program return within a few pages. */
const searchedMax = 1 << 24

/**
 * The address of the first such instruction in executable parts, at a multiple of its length;
 * undefined if there is none in their first 16 MiB. Errors: EBPF_ELF_READ.
 */
export function findCode(
  { source, segments }: ElfImage,
  instruction: Uint8Array,
): number | undefined {
  let left = searchedMax
  for (const { type, isExecutable, offset, address, size } of segments) {
    if (type !== segmentType.load || !isExecutable) continue
    const end = Math.min(size, left)
    left -= end
    for (let start = 0; start < end; start += chunkSize) {
      const chunk = Buffer.from(source.read(offset + start, Math.min(chunkSize, end - start)))
      for (let at = chunk.indexOf(instruction); at >= 0; at = chunk.indexOf(instruction, at + 1)) {
        const found = address + start + at
        if (found % instruction.length === 0) return found
      }
      if (chunk.length < chunkSize) break
    }
  }
  return undefined
}

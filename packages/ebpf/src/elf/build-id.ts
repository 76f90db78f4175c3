import type { ElfImage } from './image.ts'
import { readNotes } from './notes.ts'

/** NT_GNU_BUILD_ID: include/uapi/linux/elf.h. */
const noteType = 3
/** Bytes. Linkers write 8 to 32; the kernel reports 20. */
const lengthMax = 64

/** The build id, which the linker computes from the contents; undefined without one. */
export function readBuildId(image: ElfImage): Uint8Array | undefined {
  for (const { owner, type, contents } of readNotes(image)) {
    if (owner !== 'GNU' || type !== noteType) continue
    if (contents.length > 0 && contents.length <= lengthMax) return Uint8Array.from(contents)
  }
  return undefined
}

import type { Fields } from '../fields.ts'
import { textAt } from '../text.ts'

/** Versions of a library. glibc has about 50. */
const definitionsMax = 8192

/**
 * The names of a library's versions by index, from `.gnu.version_d` (Elf64_Verdef and
 * Elf64_Verdaux in glibc's elf.h). The index 0 is a local symbol, 1 one without version.
 */
export function readVersionNames(fields: Fields, strings: Uint8Array): string[] {
  const names: string[] = ['', '']
  let at = 0
  for (let i = 0; i < definitionsMax && at + 20 <= fields.length; i++) {
    const [flags, index] = [fields.u16(at + 2), fields.u16(at + 4)]
    const [nameEntry, next] = [fields.u32(at + 12), fields.u32(at + 16)]
    // VER_FLG_BASE: the name of the library itself.
    const isBase = (flags & 1) !== 0
    if (!isBase && index < definitionsMax && at + nameEntry + 8 <= fields.length) {
      while (names.length < index) names.push('')
      names[index] = textAt(strings, fields.u32(at + nameEntry))
    }
    if (next === 0) break
    at += next
  }
  return names
}

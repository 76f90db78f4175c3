import { ElfError } from '../error.ts'
import { type ElfImage, readImage } from '../image.ts'
import { bytesSource } from '../source.ts'
import { LzmaDataError, unpackXz } from '../xz/index.ts'

/** Bytes of the packed and of the unpacked section. The largest of Fedora have some MB. */
const [packedMax, unpackedMax] = [1 << 23, 1 << 24]

/**
 * The file within `.gnu_debugdata`, which has the symbols that are not in `.dynsym`; undefined
 * without that section. Fedora and its relatives ship it. Errors: EBPF_ELF_XZ, EBPF_ELF_LIMIT,
 * those of `readImage`.
 */
export function readMiniDebugInfo({ source, sections }: ElfImage): ElfImage | undefined {
  const section = sections.find(({ name }) => name === '.gnu_debugdata')
  if (section === undefined) return undefined
  if (section.size > packedMax) {
    throw new ElfError('EBPF_ELF_LIMIT', `unpack .gnu_debugdata: ${section.size} bytes`)
  }
  return readImage(bytesSource(unpack(source.read(section.offset, section.size))))
}

function unpack(bytes: Uint8Array): Uint8Array {
  try {
    return unpackXz(bytes, unpackedMax)
  } catch (cause) {
    if (!(cause instanceof LzmaDataError)) throw cause
    throw new ElfError('EBPF_ELF_XZ', `unpack .gnu_debugdata: ${cause.message}`, { cause })
  }
}

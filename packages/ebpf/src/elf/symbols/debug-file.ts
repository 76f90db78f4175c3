import { join } from 'node:path'
import { readBuildId } from '../build-id.ts'
import { ElfError } from '../error.ts'
import { type ElfImage, readImage } from '../image.ts'
import { type OpenSource, openSource } from '../source.ts'

/**
 * Opens a file of the root folder that a program sees; undefined if there is none. The path begins
 * with a slash. Errors: EBPF_ELF_READ.
 */
export type DebugFileOpener = (path: string) => OpenSource | undefined

/**
 * Opens files in a folder. Links in it may lead to other folders, so it is not for the root folder
 * of a container: there open with RESOLVE_IN_ROOT of openat2(2).
 */
export function debugFilesIn(root: string): DebugFileOpener {
  return (path) => {
    try {
      return openSource(join(root, path))
    } catch (error) {
      const reason = error instanceof ElfError ? (error.cause as NodeJS.ErrnoException) : undefined
      if (reason?.code === 'ENOENT' || reason?.code === 'ENOTDIR') return undefined
      throw error
    }
  }
}

/** The path of the separate debug file, as gdb looks for it: `…/.build-id/ab/cdef….debug`. */
function debugFilePath(buildId: Uint8Array): string {
  const text = Buffer.from(buildId).toString('hex')
  return `/usr/lib/debug/.build-id/${text.slice(0, 2)}/${text.slice(2)}.debug`
}

/**
 * Runs `use` with the separate debug file of an image, then closes it. Undefined if there is none,
 * or if its build id is another: an older version must not name functions. Errors: EBPF_ELF_READ
 * for files that exist but cannot be read; those of `readImage`, and of `use`.
 */
export function withDebugFile<T>(
  image: ElfImage,
  open: DebugFileOpener,
  use: (debug: ElfImage) => T,
): T | undefined {
  const buildId = readBuildId(image)
  if (buildId === undefined || buildId.length < 2) return undefined
  const file = open(debugFilePath(buildId))
  if (file === undefined) return undefined
  try {
    const debug = readImage(file.source)
    const isSame = Buffer.from(buildId).equals(readBuildId(debug) ?? new Uint8Array())
    return isSame ? use(debug) : undefined
  } finally {
    file.close()
  }
}

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { ElfError } from './error.ts'

/** Where the bytes of a file come from. */
export interface ElfSource {
  /** Bytes in total. */
  readonly length: number
  /** The bytes at that offset. The range is in the file; fewer if it has become shorter. */
  read(offset: number, length: number): Uint8Array
}

/** A source for ranges that a file asks for: it reads the part of them that is in the file. */
export function clampedSource(source: ElfSource): ElfSource {
  const { length } = source
  return {
    length,
    read(offset, size) {
      const count = Math.min(size, length - offset)
      return offset >= 0 && count > 0 ? source.read(offset, count) : new Uint8Array(0)
    },
  }
}

/** A source whose bytes are in memory. They must not change. */
export function bytesSource(bytes: Uint8Array): ElfSource {
  return { length: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) }
}

/**
 * A source that reads ranges of an open file, at positions, so that the descriptor may be shared.
 * The caller closes it. Errors: EBPF_ELF_READ, also for what is not a regular file.
 */
export function descriptorSource(descriptor: number): ElfSource {
  const stats = attempt('inspect ELF file', () => fstatSync(descriptor))
  if (!stats.isFile()) throw new ElfError('EBPF_ELF_READ', 'read ELF file: not a regular file')
  const read = (offset: number, length: number): Uint8Array => {
    const bytes = Buffer.allocUnsafeSlow(length)
    let filled = 0
    while (filled < bytes.length) {
      const position = offset + filled
      const count = attempt('read ELF file', () =>
        readSync(descriptor, bytes, filled, bytes.length - filled, position),
      )
      if (count === 0) break
      filled += count
    }
    return bytes.subarray(0, filled)
  }
  return { length: stats.size, read }
}

/** An open file, and the function that closes it. */
export interface OpenSource {
  readonly source: ElfSource
  readonly close: () => void
}

/**
 * Opens a file for reading. Does not wait for the other end of a pipe. Errors: EBPF_ELF_READ.
 */
export function openSource(path: string): OpenSource {
  const descriptor = attempt(`open ${path}`, () =>
    openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY),
  )
  let isOpen = true
  const close = (): void => {
    if (isOpen) closeSync(descriptor)
    isOpen = false
  }
  try {
    return { source: descriptorSource(descriptor), close }
  } catch (error) {
    close()
    throw error
  }
}

function attempt<T>(action: string, run: () => T): T {
  try {
    return run()
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new ElfError('EBPF_ELF_READ', `${action}: ${code ?? message}`, { cause })
  }
}

import { readFileSync } from 'node:fs'

/**
 * Reads a file of /proc; empty if it is gone, such as that of a descriptor or thread that has ended
 * since it was listed.
 */
export function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return ''
    throw error
  }
}

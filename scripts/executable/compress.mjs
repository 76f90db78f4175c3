import { spawnSync } from 'node:child_process'
import { SetupError } from '../setup.mjs'

/**
 * Compresses the executable as far as it is worth.
 * @returns the path of the compressed copy
 * @throws SetupError if xz fails
 */
export function compress(file) {
  // One thread: the result does not depend on the machine.
  const args = ['--keep', '--force', '--threads=1', '-6', file]
  const { status, error, stderr } = spawnSync('xz', args, { encoding: 'utf8' })
  if (status === 0) return `${file}.xz`
  throw new SetupError(`compress the executable: xz: ${error?.message ?? stderr}`)
}

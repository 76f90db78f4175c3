import { spawnSync } from 'node:child_process'
import { SetupError } from '../setup.mjs'

/**
 * Runs a program that writes an archive.
 * @param time of the build, in seconds; @param variables of its environment
 * @throws SetupError if the program is not installed or fails
 */
export function runPackager(program, args, time, variables = {}) {
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(time), ...variables }
  const { status, error, stderr } = spawnSync(program, args, { env, encoding: 'utf8' })
  if (error?.code === 'ENOENT') {
    throw new SetupError(
      `make packages: ${program} is missing; on Debian it is in dpkg, rpm or tar`,
    )
  }
  if (status !== 0) throw new SetupError(`make packages: ${program}: ${error?.message ?? stderr}`)
}

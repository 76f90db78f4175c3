import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Absolute path of the repository, relative to this compiled file. */
export const repositoryRoot = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')

/** Absolute path below `.cache`, which contains only reproducible files. */
export function cachePath(...parts: string[]): string {
  return join(repositoryRoot, '.cache', ...parts)
}

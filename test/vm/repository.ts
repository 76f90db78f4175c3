import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Absolute path of the repository, from the place of this file once it is compiled. */
export const repositoryRoot = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')

/** Absolute path below `.cache`, where everything lives that can be made again. */
export function cachePath(...parts: string[]): string {
  return join(repositoryRoot, '.cache', ...parts)
}

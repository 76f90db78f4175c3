import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Absolute path of the repository, relative to this compiled file. */
export const repositoryRoot = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')

/** Absolute path below `.cache`, which contains only reproducible files. */
export function cachePath(...parts: string[]): string {
  return join(repositoryRoot, '.cache', ...parts)
}

/**
 * Absolute path below the user's cache for this project, which all clones share: downloads and
 * builds that take minutes and depend on no file of the clone but those that their names hash.
 */
export function sharedCachePath(...parts: string[]): string {
  const base = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  return join(base, 'tetragon-ts', ...parts)
}

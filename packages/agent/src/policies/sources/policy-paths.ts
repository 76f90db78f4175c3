import { existsSync } from 'node:fs'

/** Optional: it need not exist. */
export const defaultPolicyFolder = '/etc/tetragon/tetragon.tp.d'

/** Paths that exist or must exist: only the default folder may be missing. */
export function requiredPaths(paths: readonly string[]): readonly string[] {
  return paths.filter((path) => path !== defaultPolicyFolder || existsSync(path))
}

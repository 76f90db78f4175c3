import { existsSync } from 'node:fs'

/** It need not be there. */
export const defaultPolicyFolder = '/etc/tetragon/tetragon.tp.d'

/** Of paths with policies those that are there or have to be: the usual folder may be missing. */
export function requiredPaths(paths: readonly string[]): readonly string[] {
  return paths.filter((path) => path !== defaultPolicyFolder || existsSync(path))
}

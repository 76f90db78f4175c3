import type { KprobeArgument } from '@tetragon-ts/api'
import { pathOf } from './hook-call.ts'

/**
 * Path of an entry in a folder: the path of the folder is complete, that of the entry begins at its
 * mount.
 */
export function pathInFolder(
  folder: KprobeArgument | undefined,
  entry: KprobeArgument | undefined,
): string | undefined {
  const [inside, name] = [pathOf(folder), pathOf(entry)]
  if (inside === undefined || name === undefined) return inside ?? name
  const last = name.slice(name.lastIndexOf('/') + 1)
  return inside.endsWith('/') ? inside + last : `${inside}/${last}`
}

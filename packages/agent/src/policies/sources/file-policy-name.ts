import { basename } from 'node:path'

/** Longest name of an object in Kubernetes, with room for a number. */
const nameMax = 240

/**
 * The name under which a file is listed that has no readable policy: that of the file, with what
 * names of policies may contain, and a number if it is taken.
 */
export function filePolicyName(path: string, taken: ReadonlySet<string>): string {
  const words = basename(path)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, (run) => (run === '.' ? run : '-'))
    .slice(0, nameMax)
    .replace(/^[.-]+|[.-]+$/g, '')
  const name = words || 'unnamed'
  for (let number = 2, free = name; ; free = `${name}-${number++}`) {
    if (!taken.has(free)) return free
  }
}

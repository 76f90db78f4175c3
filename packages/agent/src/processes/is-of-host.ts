import { hostNamespaceNumber, namespaceNumber } from '@tetragon-ts/sensors'

/** Numbers of namespaces of the host, by procfs and name: they never change. */
const hostNumbers = new Map<string, number>()

/**
 * Whether a process is in the user namespace and the pid namespace of the host. Undefined if it has
 * ended.
 */
export function isOfHost(procfs: string, pid: number): boolean | undefined {
  for (const name of ['user', 'pid']) {
    const host = numberOfHost(procfs, name)
    // The kernel has no such namespaces.
    if (host === 0) continue
    const own = namespaceNumber(procfs, pid, name)
    if (own === 0) return undefined
    if (own !== host) return false
  }
  return true
}

function numberOfHost(procfs: string, name: string): number {
  const key = `${procfs} ${name}`
  const number = hostNumbers.get(key) ?? hostNamespaceNumber(procfs, name)
  hostNumbers.set(key, number)
  return number
}

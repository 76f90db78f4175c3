import { statSync } from 'node:fs'

/**
 * The number of a namespace of the host, by its name in /proc/PID/ns; 0 if this kernel has none.
 * /proc may refuse those of the first process even to root: then it is that of the agent.
 */
export function hostNamespaceNumber(procfs: string, name: string): number {
  return namespaceNumber(procfs, 1, name) || namespaceNumber(procfs, 'self', name)
}

/** The number of a namespace of a process; 0 if it has ended, or if its namespaces are secret. */
export function namespaceNumber(procfs: string, pid: number | 'self', name: string): number {
  try {
    return statSync(`${procfs}/${pid}/ns/${name}`, { throwIfNoEntry: false })?.ino ?? 0
  } catch {
    return 0
  }
}

import { statSync } from 'node:fs'

/**
 * The number of a namespace of the host, by its name in /proc/PID/ns; 0 if this kernel has none.
 * /proc may refuse those of the first process even to root: then it is that of the agent.
 */
export function hostNamespaceNumber(procfs: string, name: string): number {
  return inodeOf(`${procfs}/1/ns/${name}`) || inodeOf(`${procfs}/self/ns/${name}`)
}

function inodeOf(path: string): number {
  try {
    return statSync(path).ino
  } catch {
    return 0
  }
}

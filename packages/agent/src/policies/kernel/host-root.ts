import { statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The root of the host. Its first process may be out of reach, but only an agent in a container
 * needs it.
 * @param hostMounts number of the host's mount namespace
 */
export function hostRoot(procfs: string, hostMounts: number): string {
  return statSync('/proc/self/ns/mnt').ino === hostMounts ? '/' : join(procfs, '1/root')
}

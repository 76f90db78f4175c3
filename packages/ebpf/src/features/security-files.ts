import { readFileSync } from 'node:fs'
import { openFileSystem } from '../sys/index.ts'

/** Where distributions mount securityfs; many containers do not have it there. */
const usual = { folder: '/sys/kernel/security', type: 'securityfs' }

/** Security modules of the running kernel. */
export interface SecurityModules {
  /** In the order in which they are asked; empty if unknown. */
  readonly names: readonly string[]
  /** Why they are unknown; empty if they are known. */
  readonly reason: string
}

/**
 * Content of a file of securityfs. Where it is not mounted, it is opened for this process alone,
 * which needs CAP_SYS_ADMIN.
 * @param from where it may be mounted, and its type
 * @returns undefined if the kernel has no such file
 * @throws SystemCallError if it is not mounted and cannot be opened
 */
export function readSecurityFile(name: string, from = usual): string | undefined {
  const mounted = readLine(`${from.folder}/${name}`)
  if (mounted !== undefined) return mounted
  using files = openFileSystem(from.type)
  return readLine(`/proc/self/fd/${files.number}/${name}`)
}

/** The active security modules. @param from where securityfs may be mounted, and its type */
export function securityModules(from = usual): SecurityModules {
  try {
    const line = readSecurityFile('lsm', from)
    if (line !== undefined) return { names: line.split(','), reason: '' }
    return { names: [], reason: 'securityfs has no file lsm' }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { names: [], reason: `${from.folder}/lsm cannot be read; ${reason}` }
  }
}

function readLine(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1').trim()
  } catch {
    return undefined
  }
}

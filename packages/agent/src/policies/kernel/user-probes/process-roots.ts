import { constants, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { Fd } from '@tetragon-ts/ebpf/sys'

/** include/uapi/asm-generic/fcntl.h: a descriptor that only names the file. */
const O_PATH = 0o10000000
/** PROC_USER_INIT_INO in include/linux/proc_ns.h: the user namespace of the host. */
const hostUsers = 'user:[4026531837]'

/** The root folder of some processes. */
export interface ProcessRoot {
  /** The same for all processes that share it. */
  readonly key: string
  /** Leads to it while the process lives. */
  readonly path: string
}

/** Roots of processes. */
export interface FoundRoots {
  readonly roots: readonly ProcessRoot[]
  /** Whether there are others, in user namespaces of their own. */
  readonly leavesOut: boolean
}

/**
 * The different roots of running processes besides that of the host: one for each container, and
 * for each chroot. No file system is asked, which may never answer. Processes in user namespaces of
 * their own are left out: anyone can create one, and put any files and file systems in its root.
 * @param host the folder in /proc of a process in the root of the host
 */
export function processRoots(procfs: string, host: string): FoundRoots {
  const roots = new Map<string, ProcessRoot>()
  let leavesOut = false
  for (const name of readdirSync(procfs)) {
    if (!/^\d+$/.test(name)) continue
    const folder = `${procfs}/${name}`
    const key = keyOf(folder)
    if (key === undefined || roots.has(key)) continue
    const users = linkOf(`${folder}/ns/user`)
    if (users === hostUsers) roots.set(key, { key, path: `${folder}/root` })
    else leavesOut ||= users !== undefined
  }
  roots.delete(keyOf(host) ?? '')
  return { roots: [...roots.values()], leavesOut }
}

/** Undefined for a process that has ended. */
function keyOf(folder: string): string | undefined {
  const [namespace, root] = [linkOf(`${folder}/ns/mnt`), linkOf(`${folder}/root`)]
  return namespace === undefined || root === undefined ? undefined : `${namespace} ${root}`
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}

/**
 * Opens the root of a process. Roots on FUSE are refused, whose server could keep the agent waiting
 * forever.
 * @throws Error
 */
export function openRoot({ path }: ProcessRoot, host: string): Fd {
  const root = new Fd(openSync(path, O_PATH | constants.O_DIRECTORY))
  try {
    // A process that has changed its root to a folder does not see the mount of the folder.
    const views = [path.replace(/root$/, 'mountinfo'), `${host}/mountinfo`]
    const type = views.map((view) => mountType(view, root)).find((found) => found !== undefined)
    if (type === undefined) throw new Error('the mount of its root is unknown')
    if (/^fuse/.test(type)) throw new Error(`its root is of type ${type}, which may not answer`)
    return root
  } catch (error) {
    root.close()
    throw error
  }
}

/** The type of the mount of a descriptor: see proc_pid_mountinfo(5). */
function mountType(mountinfo: string, { number }: Fd): string | undefined {
  const info = readFileSync(`/proc/self/fdinfo/${number}`, 'latin1')
  const [, id] = /^mnt_id:\s*(\d+)$/m.exec(info) ?? []
  const lines = readFileSync(mountinfo, 'latin1').split('\n')
  return lines
    .find((line) => line.startsWith(`${id} `))
    ?.split(' - ')[1]
    ?.split(' ')[0]
}

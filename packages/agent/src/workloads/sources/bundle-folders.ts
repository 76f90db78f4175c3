import { closeSync, openSync, readlinkSync, readSync } from 'node:fs'
import { basename } from 'node:path'
import { containerdNames, crioNames, type RuntimeNames } from './bundle-pod.ts'
import { hostRoots } from './host-roots.ts'

/** A possible location of the bundle of a container. */
export interface BundleLocation {
  readonly path: string
  readonly names: RuntimeNames
}

const tasks = 'containerd/io.containerd.runtime.v2.task/k8s.io'
/** State folders of containerd with the CRI plugin, by distribution. */
const containerdFolders = [
  `run/${tasks}`,
  `run/k3s/${tasks}`,
  `run/k0s/${tasks}`,
  `var/snap/microk8s/common/run/${tasks}`,
]
const crioFolder = 'run/containers/storage/overlay-containers'

/** Possible bundles of a container, most likely first. */
export function hostBundles(procfs: string, id: string): readonly BundleLocation[] {
  return hostRoots(procfs).flatMap((root) => [
    ...containerdFolders.map((folder) => ({
      path: `${root}/${folder}/${id}/config.json`,
      names: containerdNames,
    })),
    { path: `${root}/${crioFolder}/${id}/userdata/config.json`, names: crioNames },
  ])
}

/** Start of the name of the shim, which the kernel truncates (TASK_COMM_LEN). */
const shim = 'containerd-shim'
const bundleName = /^[0-9a-f]{64}$/
/** Maximum number of ancestors to check. A container and its shim have up to three in between. */
const ancestorsMax = 12

/**
 * The bundle of a container beside that of its sandbox, which is the working directory of the shim
 * that started both. This finds it in any state folder of containerd, also if the node is a
 * container itself, as with kind.
 * @param pids those among which the shim is, or of which it is an ancestor
 */
export function shimBundle(
  procfs: string,
  id: string,
  pids: Iterable<number>,
): BundleLocation | undefined {
  const checked = new Set<number>()
  let left = ancestorsMax
  for (const pid of pids) {
    if (left-- <= 0) break
    if (pid <= 1) continue
    checked.add(pid)
    const found = bundleOf(procfs, id, pid)
    if (found !== undefined) return found
  }
  // The process cache may lack some of them. One that has ended leads nowhere, and those that it
  // had started have another parent.
  for (const known of [...checked].reverse()) {
    for (let pid = parentOf(procfs, known); pid > 1; pid = parentOf(procfs, pid)) {
      if (checked.has(pid)) break
      if (left-- <= 0) return undefined
      checked.add(pid)
      const found = bundleOf(procfs, id, pid)
      if (found !== undefined) return found
    }
  }
  return undefined
}

function bundleOf(procfs: string, id: string, pid: number): BundleLocation | undefined {
  const folder = `${procfs}/${pid}`
  if (!readSmall(`${folder}/comm`).startsWith(shim)) return undefined
  // A process of the container could choose its name and working directory.
  const groups = readSmall(`${folder}/cgroup`)
  if (groups === '' || groups.includes(id)) return undefined
  try {
    if (!bundleName.test(basename(readlinkSync(`${folder}/cwd`)))) return undefined
  } catch {
    return undefined
  }
  return { path: `${folder}/cwd/../${id}/config.json`, names: containerdNames }
}

/** 0 if the process has ended. */
function parentOf(procfs: string, pid: number): number {
  const stat = readSmall(`${procfs}/${pid}/stat`)
  // After the name in parentheses: state is field 3, ppid 4 (proc(5)).
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) || 0
}

const textMax = 1 << 16

/** Text of a small file in /proc; empty if it is missing or too long. */
function readSmall(path: string): string {
  let fd: number | undefined
  try {
    fd = openSync(path, 'r')
    const bytes = Buffer.allocUnsafe(textMax)
    // The kernel returns one page at a time.
    for (let length = 0; length < textMax; ) {
      const read = readSync(fd, bytes, length, textMax - length, null)
      if (read === 0) return bytes.toString('latin1', 0, length)
      length += read
    }
    return ''
  } catch {
    return ''
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

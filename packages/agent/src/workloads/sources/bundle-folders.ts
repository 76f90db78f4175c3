import { closeSync, openSync, readlinkSync, readSync } from 'node:fs'
import { basename } from 'node:path'
import { containerdNames, crioNames, type RuntimeNames } from './bundle-pod.ts'

/** Where the bundle of a container may be. */
export interface BundlePlace {
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

/**
 * Bundles of a container below the root of the host's first process, and of the agent if that may
 * not be read; most likely ones first.
 */
export function hostBundles(procfs: string, id: string): readonly BundlePlace[] {
  return [`${procfs}/1/root`, ''].flatMap((root) => [
    ...containerdFolders.map((folder) => ({
      path: `${root}/${folder}/${id}/config.json`,
      names: containerdNames,
    })),
    { path: `${root}/${crioFolder}/${id}/userdata/config.json`, names: crioNames },
  ])
}

/** Its start, as much as the kernel shows of a name (TASK_COMM_LEN). */
const shim = 'containerd-shim'
const bundleName = /^[0-9a-f]{64}$/
/** Ancestors that are looked at: between a container and its shim there are at most three. */
const ancestorsMax = 12

/**
 * The bundle of a container beside that of its sandbox, which is the working directory of the shim
 * that started both. So it is found wherever containerd keeps its state, and also if the node is a
 * container itself, as those of kind are.
 * @param pids of processes that a process of the container descends from, nearest first
 */
export function shimBundle(
  procfs: string,
  id: string,
  pids: Iterable<number>,
): BundlePlace | undefined {
  let last = 0
  let looked = 0
  for (const pid of pids) {
    if (pid <= 1 || looked++ >= ancestorsMax) break
    last = pid
    const found = bundleOf(procfs, id, pid)
    if (found !== undefined) return found
  }
  // The cache may not know them all.
  for (; last > 1 && looked < ancestorsMax; looked++) {
    last = parentOf(procfs, last)
    const found = last > 1 ? bundleOf(procfs, id, last) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

function bundleOf(procfs: string, id: string, pid: number): BundlePlace | undefined {
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

/** 0 if the process is gone. */
function parentOf(procfs: string, pid: number): number {
  const stat = readSmall(`${procfs}/${pid}/stat`)
  // After the name in parentheses: state is field 3, ppid 4 (proc(5)).
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) || 0
}

const textMax = 1 << 16

/** Text of a small file in /proc; empty if it is gone or longer than any of these should be. */
function readSmall(path: string): string {
  let fd: number | undefined
  try {
    fd = openSync(path, 'r')
    const bytes = Buffer.allocUnsafe(textMax)
    // The kernel gives a page at a time.
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

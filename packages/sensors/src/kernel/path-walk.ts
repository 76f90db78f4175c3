import type { Bytes, Code, Int } from '@tetragon-ts/ebpf/lang'
import { Dentry, Mount } from './types.ts'

/** Maximum length of a path in execve and getcwd (PATH_MAX), including the terminating zero. */
const pathMax = 4096
/** Offset of free space in the buffer that no name reaches. */
const cellsOffset = pathMax + 512
/**
 * Maximum number of steps (names and mounts) without bpf_loop (before Linux 5.17): the verifier
 * walks each of them.
 */
const plainSteps = 256
/** Maximum number of steps with bpf_loop: more than fit into PATH_MAX. */
const callbackSteps = 2200

/**
 * A path in the kernel: addresses of its dentry and of its vfsmount. They must be plain numbers
 * (`k.number`): otherwise the verifier would distinguish in each round which types it still knows.
 */
export interface PathLocation {
  readonly dentry: Int
  readonly mount: Int
}

export interface WalkedPath {
  /** Start of the text in the buffer. */
  readonly start: Int
  /** Length of the text without a terminating zero; 0 for the root itself. */
  readonly length: Int
  /** 1 if the walk reached a root; 0 if it gave up (too deep, or a detached mount). */
  readonly complete: Int
  /** Not 0 if the file was deleted. */
  readonly deleted: Int
}

export interface WalkOptions {
  /** Appends ` (deleted)` to the path of a deleted file, as fs/d_path.c does. */
  readonly markDeleted?: boolean
  /** Ends at the root of the file system: mounts are ignored. */
  readonly inFileSystem?: boolean
}

const deletedMark = ' (deleted)'

/**
 * Writes a path as seen from a process's root, through mounts, as fs/d_path.c does: from its end to
 * its start, into the first 4096 bytes of the buffer. User space would read the path too late, and
 * the kernel allows bpf_d_path at few hooks only. Each name costs two reads.
 * @param buffer 8192 bytes: a name may cross the middle
 */
export function walkPath(
  k: Code,
  path: PathLocation,
  root: PathLocation,
  buffer: Bytes,
  { markDeleted = false, inFileSystem = false }: WalkOptions = {},
): WalkedPath {
  const dentry = k.variable(path.dentry)
  const mount = k.variable(path.mount)
  const mountRoot = k.variable(inFileSystem ? 0 : rootOfMount(k, path.mount))
  const start = buffer.at(cellsOffset).cell(0, pathMax)
  const complete = k.variable(0)
  const deleted = isDeleted(k, path.dentry)
  if (markDeleted) {
    k.when(deleted.ne(0), () => {
      const from = pathMax - deletedMark.length
      for (let i = 0; i < deletedMark.length; i++) {
        buffer.store(1, from + i, deletedMark.charCodeAt(i))
      }
      start.set(from)
    })
  }

  /** Writes the name of the entry before the current text, and continues with its parent. */
  const writeName = (leave: () => void, atTop: () => void): void => {
    const here = k.snapshot(Dentry, dentry, ['d_parent', 'd_name'])
    const parent = k.address(here.d_parent)
    k.when(parent.eq(dentry), () => {
      atTop()
      leave()
    })
    const length = here.d_name.len
    const before = start.get()
    k.when(length.add(1).ge(before), leave)
    const from = before.sub(length).sub(1)
    start.set(from)
    const to = buffer.at(from.and(pathMax - 1))
    to.store(1, 0, '/'.charCodeAt(0))
    k.readKernel(to.at(1), length.and(0xff), here.d_name.name)
    dentry.set(parent)
  }
  /** Continues from the root of a mount to its mount point. */
  const leaveMount = (leave: () => void): void => {
    const above = k.snapshot(Mount, k.containerOf(Mount, 'mnt', mount), [
      'mnt_parent',
      'mnt_mountpoint',
    ])
    const parent = k.address(above.mnt_parent)
    const parentMount = parent.add(k.layout(Mount).member('mnt')?.offset ?? 0)
    k.when(parentMount.eq(mount), () => {
      complete.set(1)
      leave()
    })
    dentry.set(k.address(above.mnt_mountpoint))
    mount.set(parentMount)
    mountRoot.set(rootOfMount(k, parentMount))
  }
  k.loop(k.target.bpfLoop ? callbackSteps : plainSteps, (_, leave) => {
    if (inFileSystem) return writeName(leave, () => complete.set(1))
    k.when(
      dentry.eq(root.dentry).and(() => mount.eq(root.mount)),
      () => {
        complete.set(1)
        leave()
      },
    )
    k.when(
      dentry.eq(mountRoot),
      () => leaveMount(leave),
      () => writeName(leave, () => {}),
    )
  })
  const from = start.get()
  return { start: from, length: k.constant(pathMax).sub(from), complete, deleted }
}

function rootOfMount(k: Code, mount: Int): Int {
  return k.address(k.containerOf(Mount, 'mnt', mount).mnt.mnt_root)
}

/** d_unlinked in include/linux/dcache.h: unhashed, and not a root. */
function isDeleted(k: Code, dentry: Int): Int {
  const { d_hash, d_parent } = k.snapshot(Dentry, dentry, ['d_hash', 'd_parent'])
  const unhashed = k.select(d_hash.pprev.eq(0), 1, 0)
  return k.select(k.same(d_parent, dentry), 0, unhashed)
}

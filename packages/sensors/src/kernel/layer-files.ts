import type { Code, Condition, Ptr } from '@tetragon-ts/ebpf/lang'
import { type File, Mount, type Path } from './types.ts'

// A file system that is made of others, such as an overlay, opens their files itself: the file
// below an open one, folders that it merges, the files between which it copies. Security modules
// see these opens as the process's.

/** MNT_NS_INTERNAL in fs/mount.h: the kernel's own mount. No process can make one. */
const internalNamespace = -22
/** SB_KERNMOUNT and SB_NOUSER in include/linux/fs.h. */
const kernelsOwn = 0x8040_0000n
/** FMODE_NOACCOUNT in include/linux/fs.h: no process has opened the file. */
const unaccounted = 0x2000_0000

/**
 * Whether a place is in a layer: in the clone of a mount that an overlay keeps for itself
 * (clone_private_mount in fs/namespace.c). It belongs to no process, while a detached mount has a
 * namespace of its own, and one that was unmounted has none. Files in memory are in mounts of the
 * kernel, too, but processes use them: their file system has no other mounts.
 */
export function isInLayer(k: Code, { mnt }: Path): Condition {
  const mount = k.containerOf(Mount, 'mnt', mnt)
  return k
    .address(mount.mnt_ns)
    .eq(internalNamespace)
    .and(() => mount.mnt.mnt_sb.s_flags.and(kernelsOwn).eq(0))
}

/**
 * Whether a file is one of a layer, opened for an open file of the overlay. Before Linux 6.7 it has
 * the path of the latter, but its own inode (open_with_fake_path in fs/open.c). The descriptor of a
 * process never has. A file that FUSE opens for another one (passthrough) is none: it is at a path
 * of the process that chose it, which need not have been allowed to write to it.
 */
export function isLayerFile(k: Code, file: Ptr<File>): Condition {
  return isInLayer(k, file.f_path).or(() =>
    file.f_mode
      .has(unaccounted)
      .and(() => k.address(file.f_inode).ne(k.address(file.f_path.dentry.d_inode))),
  )
}

import type { Code, Condition, Ptr } from '@tetragon-ts/ebpf/lang'
import { type File, Inode } from '../kernel/types.ts'

/** OVERLAYFS_SUPER_MAGIC in include/uapi/linux/magic.h. */
const overlay = 0x794c7630

/**
 * Whether a file on an overlay is in the writable layer. In struct ovl_inode, which may belong to a
 * module, the address of the upper dentry follows the inode (fs/overlayfs/ovl_entry.h).
 * A file of the image is there too after a change of its mode or owner.
 */
export function isInUpperLayer(k: Code, { f_inode }: Ptr<File>): Condition {
  const after = k.layout(Inode).size
  return f_inode.i_sb.s_magic
    .eq(overlay)
    .and(() => k.loadKernel(8, k.number(f_inode).add(after)).ne(0))
}

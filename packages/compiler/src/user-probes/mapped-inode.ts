import { type Int, iterator, type Ptr, program } from '@tetragon-ts/ebpf/lang'
import { array } from '@tetragon-ts/ebpf/maps'
import { record, u64 } from '@tetragon-ts/ebpf/records'
import type { File } from '@tetragon-ts/sensors/kernel/types'

/** include/linux/mm_types.h, struct vm_area_struct */
interface VmArea {
  readonly vm_start: Int
  readonly vm_file: Ptr<File>
}

/** The start of the mapping that is looked for, and the address of the inode that it is of. */
export const mappedInode = array('tg_mapped', {
  value: record('mapped', { start: u64, inode: u64 }),
  maxEntries: 1,
})

/**
 * Finds the inode that a mapping of the agent is of. On an overlay it is that of the file below,
 * which uprobes are attached to: mappings of the same file in several containers have the same
 * (ovl_mmap in fs/overlayfs/file.c). Kernel 5.12.
 */
export const mappedInodeProgram = program(
  'tg_mapped',
  iterator<[area: Ptr<VmArea>]>('task_vma', ['vma']),
  (k, area) => {
    k.unless(area, k.exit) // the end of the walk
    const found = k.lookup(mappedInode, 0)
    k.unless(found, k.exit)
    k.when(area.vm_start.ne(found.start), k.exit)
    const file = area.vm_file
    k.unless(file, k.exit)
    k.assign(found, { inode: k.address(file.f_inode) })
  },
)

import { onDemand, program } from '@tetragon-ts/ebpf/lang'
import { array } from '@tetragon-ts/ebpf/maps'
import { u64 } from '@tetragon-ts/ebpf/records'
import { currentTask } from '@tetragon-ts/sensors/kernel/current-task'
import { File } from '@tetragon-ts/sensors/kernel/types'
import { fileOfDescriptor } from './file.ts'

/** The address that the program found. */
export const inodeAddress = array('tg_inode', { value: u64, maxEntries: 1 })

/**
 * Finds the address of the inode of one of the agent's descriptors. Returns 1 on success, 0 if the
 * descriptor does not exist.
 */
export const inodeProgram = program('tg_inode', onDemand('fd'), (k, fd) => {
  const file = fileOfDescriptor({ k, task: currentTask(k) }, fd)
  const inode = k.variable(k.address(k.cast(File, file).f_inode))
  k.when(inode.eq(0), () => k.exit(0))
  const found = k.lookup(inodeAddress, 0)
  k.unless(found, () => k.exit(0))
  k.assign(found, { value: inode })
  k.exit(1)
})

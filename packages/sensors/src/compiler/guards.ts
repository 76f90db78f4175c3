import { type Condition, onDemand, program } from '@tetragon-ts/ebpf/lang'
import { hashMap, type MapSpec } from '@tetragon-ts/ebpf/maps'
import { u32, u64 } from '@tetragon-ts/ebpf/records'
import { File } from '../kernel/types.ts'
import { fileOfDescriptor } from './arguments/file.ts'
import { currentTask } from './backends/current-task.ts'
import { type Hit, plainTask } from './hit.ts'
import type { HookContext } from './hook-context.ts'
import { namespaceOf } from './matchers/namespaces.ts'

// Executables that enforcing actions spare. They are known by the address of their inode, which is
// the same whatever path leads to it; user space holds it with a descriptor.

/** Maximum number of guarded inodes. */
const guardsMax = 1024

/** Addresses of inodes. */
export const guardsMap = hashMap('tg_guards', { key: u64, value: u32, maxEntries: guardsMax })

/**
 * Adds the inode of one of the agent's descriptors to the guards (`adds` is 1), or removes it (0).
 * Returns 1 on success, 0 if the descriptor does not exist or the map is full.
 */
export const guardProgram = program('tg_guard', onDemand('fd', 'adds'), (k, fd, adds) => {
  const file = fileOfDescriptor({ k, task: currentTask(k) }, fd)
  const inode = k.variable(k.address(k.cast(File, file).f_inode))
  k.when(inode.eq(0), () => k.exit(0))
  const result = k.variable(0)
  k.when(
    adds.ne(0),
    () => result.set(k.update(guardsMap, inode, 1)),
    () => result.set(k.remove(guardsMap, inode)),
  )
  k.exit(k.select(result.eq(0), 1, 0))
})

/**
 * Whether the current process runs a guarded executable as the host does: as root, since any user
 * can start it with code of theirs (LD_PRELOAD); not in a container that sees the same file, nor in
 * a user namespace, where a process may claim another executable (PR_SET_MM_EXE_FILE); and not
 * traced.
 */
export function isGuarded(
  hit: Hit,
  { hostNamespace }: Pick<HookContext, 'hostNamespace'>,
): Condition {
  const { k } = hit
  const task = plainTask(k, hit.task)
  const key = k.stackBytes(8)
  key.store(8, 0, k.address(task.mm.exe_file.f_inode))
  return k
    .call('map_lookup_elem', guardsMap as MapSpec, key)
    .ne(0)
    .and(() => task.cred.uid.val.eq(0))
    .and(() => task.ptrace.eq(0))
    .and(() => namespaceOf(hit, 'Mnt').eq(hostNamespace('Mnt')))
    .and(() => namespaceOf(hit, 'User').eq(hostNamespace('User')))
}

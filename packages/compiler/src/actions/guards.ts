import type { Condition } from '@tetragon-ts/ebpf/lang'
import { hasInode, inodeMap } from '../hook/file-sets.ts'
import { type Hit, plainTask } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import { namespaceOf } from '../matchers/namespaces.ts'

// Executables that enforcing actions spare, by their inodes.

/** Maximum number of guarded inodes. */
const guardsMax = 1024

export const guardsMap = inodeMap('tg_guards', guardsMax)

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
  return hasInode(k, guardsMap, k.address(task.mm.exe_file.f_inode))
    .and(() => task.cred.uid.val.eq(0))
    .and(() => task.ptrace.eq(0))
    .and(() => namespaceOf(hit, 'Mnt').eq(hostNamespace('Mnt')))
    .and(() => namespaceOf(hit, 'User').eq(hostNamespace('User')))
}

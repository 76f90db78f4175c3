import type { Code, Condition, Int, Ptr } from '@tetragon-ts/ebpf/lang'
import type { TaskStruct } from '@tetragon-ts/sensors/kernel/types'
import { innermost } from '@tetragon-ts/sensors/process/identity'

/** Inode number of a task's pid namespace. */
export function innermostPidNamespace(k: Code, task: Ptr<TaskStruct>): Int {
  return innermost(k, task.group_leader.thread_pid).ns.ns.inum
}

/** The process's pid in its own pid namespace; 0 in the host's, as in the API. */
export function namespacePid(k: Code, task: Ptr<TaskStruct>): Int {
  const pid = k.variable(0)
  k.when(task.group_leader.thread_pid.level.ne(0), () =>
    pid.set(innermost(k, task.group_leader.thread_pid).nr),
  )
  return pid
}

/** Whether a process is in an existing pid namespace that its parent is not in. */
export function hasJoinedPidNamespace(
  k: Code,
  parent: Ptr<TaskStruct>,
  child: Ptr<TaskStruct>,
): Condition {
  // The first process of a new namespace has pid 1.
  return namespacePid(k, child)
    .gt(1)
    .and(() => innermostPidNamespace(k, child).ne(innermostPidNamespace(k, parent)))
}

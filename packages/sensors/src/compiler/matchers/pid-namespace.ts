import type { Code, Int, Ptr } from '@tetragon-ts/ebpf/lang'
import { type TaskStruct, Upid } from '../../kernel/types.ts'

/**
 * The innermost entry of a task's pid: its number there, and the namespace (include/linux/pid.h).
 */
function innermost(k: Code, task: Ptr<TaskStruct>) {
  const pid = task.group_leader.thread_pid
  const at = pid.level.mul(k.layout(Upid).size)
  return k.snapshot(Upid, k.addressOf(pid, 'numbers').add(at), ['nr', 'ns'])
}

/** Inode number of the pid namespace that a task is in. */
export function innermostPidNamespace(k: Code, task: Ptr<TaskStruct>): Int {
  return innermost(k, task).ns.ns.inum
}

/** The process's pid in its own pid namespace; 0 in the host's, as the API has it. */
export function namespacePid(k: Code, task: Ptr<TaskStruct>): Int {
  const pid = k.variable(0)
  k.when(task.group_leader.thread_pid.level.ne(0), () => pid.set(innermost(k, task).nr))
  return pid
}

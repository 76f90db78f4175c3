import type { Int } from '@tetragon-ts/ebpf/lang'
import { TaskStruct } from '@tetragon-ts/sensors/kernel/types'
import { hookFlags, noProcess } from '@tetragon-ts/sensors/records/hook'
import { type Hit, plainTask } from './hit.ts'

/** Identity of the task in a hook record: its process and image. */
export interface ProcessIdentity {
  readonly pid: Int
  readonly tid: Int
  readonly start: Int
  readonly execs: Int
}

/**
 * Reads the identity of the current task: only loads, since a lookup in the process table for each
 * hit would cost more than all of them.
 */
export function processIdentity({ k, task, socket }: Hit): ProcessIdentity {
  if (socket) {
    const [none, zero] = [k.constant(noProcess), k.constant(0)]
    return { pid: none, tid: none, start: zero, execs: zero }
  }
  const { tgid: pid, pid: tid } = task
  const start = k.variable(task.start_boottime)
  // Most tasks are the only ones of their process: the leader's memory is read only for others.
  k.when(tid.ne(pid), () => start.set(plainTask(k, task).group_leader.start_boottime))
  return { pid, tid, start, execs: task.self_exec_id.low32() }
}

/**
 * The bit `executing` of a record's flags. Within execve(2) the kernel counts the exec before it
 * runs the tracepoint that sends the exec record: a hit in between belongs to the previous image.
 * Kernels without this field report such hits with an unknown image.
 */
export function executingFlag({ k, task, outsideExec }: Hit): Int | number {
  if (outsideExec || !k.hasField(TaskStruct, 'in_execve')) return 0
  return task.in_execve.mul(hookFlags.executing)
}

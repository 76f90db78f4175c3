import type { Int } from '@tetragon-ts/ebpf/lang'
import { TaskStruct } from '../../sensors/process/kernel-types.ts'
import { type Hit, plainTask } from '../hit.ts'
import { hookFlags } from '../hook-record.ts'

/** What a hook record says about the task: which process, and which of its images. */
export interface ProcessIdentity {
  readonly pid: Int
  readonly tid: Int
  readonly start: Int
  readonly execs: Int
}

/**
 * Reads the identity of the task that runs: loads only, since a lookup in the process table for each
 * hit would cost more than all of them.
 */
export function processIdentity({ k, task }: Hit): ProcessIdentity {
  const plain = plainTask(k, task)
  return {
    pid: task.tgid,
    tid: task.pid,
    start: plain.group_leader.start_boottime,
    execs: plain.self_exec_id.low32(),
  }
}

/**
 * The bit `executing` of a record's flags. Within execve(2) the kernel counts the exec before it runs
 * the tracepoint that sends the exec record: a hit in between belongs to the image before.
 * Kernels without this field leave such hits with an unknown image.
 */
export function executingFlag({ k, task }: Hit): Int | number {
  if (!k.hasField(TaskStruct, 'in_execve')) return 0
  return plainTask(k, task).in_execve.mul(hookFlags.executing)
}

import { type Code, type Int, type Program, type Ptr, program, tpBtf } from '@tetragon-ts/ebpf/lang'
import type { TaskStruct } from './kernel-types.ts'
import { countLoss } from './loss.ts'
import { events, processTable } from './maps.ts'
import { ExitRecord, recordKind } from './records.ts'

/** SIGNAL_GROUP_EXIT in include/linux/sched/signal.h. */
const groupExit = 4

/**
 * Sends an exit record when the last thread of a process ends. Of two last threads that end at the
 * same time, the one that deletes the table's entry sends it. Kernel 5.8.
 */
export function exitProgram(): Program {
  const hook = tpBtf<[task: Ptr<TaskStruct>]>('sched_process_exit')
  return program('tg_exit', hook, (k, task) => {
    k.when(task.signal.live.counter.ne(0), k.exit)
    const known = k.lookup(processTable, task.tgid)
    k.unless(known, k.exit)
    const key = { ktime: known.key.ktime, pid: task.tgid }
    k.when(k.remove(processTable, task.tgid).ne(0), k.exit)
    const record = { kind: recordKind.exit, status: waitStatus(k, task), key, time: k.bootTime() }
    k.submit(events, ExitRecord, record, () => countLoss(k, 'exit'))
  })
}

/** What the parent's wait(2) will see (kernel/exit.c, wait_task_zombie). */
export function waitStatus(k: Code, task: Ptr<TaskStruct>): Int {
  const { signal } = task
  return k.select(signal.flags.has(groupExit), signal.group_exit_code, task.group_leader.exit_code)
}

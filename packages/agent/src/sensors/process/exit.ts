import { type Code, type Int, type Program, type Ptr, program, tpBtf } from '@tetragon-ts/ebpf/lang'
import { exceedsRate } from './cgroup-rate.ts'
import { type CgroupHierarchy, cgroupOf } from './identity.ts'
import type { TaskStruct } from './kernel-types.ts'
import { countLoss } from './loss.ts'
import { events, processTable } from './maps.ts'
import { ExitRecord, recordKind } from './records.ts'
import type { SensorSetup } from './setup.ts'

/** SIGNAL_GROUP_EXIT in include/linux/sched/signal.h. */
const groupExit = 4

/**
 * Sends an exit record when the last thread of a process ends. Of two last threads that end at the
 * same time, the one that deletes the table's entry sends it. Kernel 5.8.
 */
export function exitProgram({ hierarchy, rate }: SensorSetup): Program {
  const hook = tpBtf<[task: Ptr<TaskStruct>]>('sched_process_exit')
  return program('tg_exit', hook, (k, task) => {
    k.when(task.signal.live.counter.ne(0), k.exit)
    const known = k.lookup(processTable, task.tgid)
    k.unless(known, k.exit)
    const key = { ktime: known.key.ktime, pid: task.tgid }
    const group = rate && groupOf(task, hierarchy, known.told)
    k.when(k.remove(processTable, task.tgid).ne(0), k.exit)
    let kind: Int | number = recordKind.exit
    if (rate && group) {
      const exceeds = exceedsRate(k, rate, group.cgroup, group.name)
      k.when(group.told.eq(0), k.exit)
      kind = k.select(exceeds, recordKind.forget, recordKind.exit)
    }
    const record = { kind, status: waitStatus(k, task), key, time: k.bootTime() }
    k.submit(events, ExitRecord, record, () => countLoss(k, 'exit'))
  })
}

/** What a group's rate asks for, read before the table's entry is gone. */
function groupOf(task: Ptr<TaskStruct>, hierarchy: CgroupHierarchy, told: Int) {
  const { id: cgroup, name } = cgroupOf(task, hierarchy).kn
  return { cgroup, name, told }
}

/** What the parent's wait(2) will see (kernel/exit.c, wait_task_zombie). */
export function waitStatus(k: Code, task: Ptr<TaskStruct>): Int {
  const { signal } = task
  return k.select(signal.flags.has(groupExit), signal.group_exit_code, task.group_leader.exit_code)
}

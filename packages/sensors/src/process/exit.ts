import { type Code, type Int, type Program, type Ptr, program, tpBtf } from '@tetragon-ts/ebpf/lang'
import { countLoss } from '../kernel/loss.ts'
import { backlog, events, losses, lossKinds, processTable } from '../kernel/maps.ts'
import type { TaskStruct } from '../kernel/types.ts'
import { recordKind } from '../records/kinds.ts'
import { ExitRecord, reported } from '../records/process.ts'
import { exceedsRate } from './cgroup-rate.ts'
import { endImages, passOnImages } from './held-images.ts'
import { countLostHeld, reportBacklog } from './held-records.ts'
import { type CgroupHierarchy, cgroupOf, isKernelThread } from './identity.ts'
import type { SensorSetup } from './setup.ts'

/** SIGNAL_GROUP_EXIT in include/linux/sched/signal.h. */
export const groupExit = 4

/**
 * Sends an exit record when the last thread of a process ends. If two last threads end at the same
 * time, the one that deletes the table's entry sends it. Kernel 5.8.
 */
export function exitProgram({ hierarchy, rate, filters, records }: SensorSetup): Program {
  const hook = tpBtf<[task: Ptr<TaskStruct>]>('sched_process_exit')
  return program('tg_exit', hook, (k, task) => {
    k.when(task.signal.live.counter.ne(0), k.exit)
    const known = k.lookup(processTable, task.tgid)
    k.unless(known, () => {
      sendUnlisted(k, task)
      k.exit()
    })
    const key = { ktime: known.key.ktime, pid: task.tgid, execs: known.key.execs }
    const { start } = known
    const held = filters ? k.select(known.reported.eq(reported.held), 1, 0) : undefined
    const kept = filters
      ? { images: k.variable(known.heldImages), before: k.variable(known.postedBefore) }
      : undefined
    const group = rate && groupOf(task, hierarchy, known.reported)
    k.when(k.remove(processTable, task.tgid).ne(0), k.exit)
    if (held && kept) {
      const { images, before } = kept
      k.when(images.ne(0), () => {
        k.when(
          held.ne(0),
          () => endImages(k, records, key.pid, images, before),
          () => passOnImages(k, records, key.pid, images),
        )
      })
    }
    let kind: Int | number = recordKind.exit
    if (rate && group) {
      const exceeds = exceedsRate(k, rate, group.cgroup, group.name)
      k.when(group.reporting.eq(reported.no), k.exit)
      kind = k.select(exceeds, recordKind.forget, recordKind.exit)
    }
    const record = { kind, status: waitStatus(k, task), key, start, time: k.bootTime() }
    const post = (): void => k.submit(events, ExitRecord, record, () => countLoss(k, 'exit'))
    const hold = (): void => {
      k.submit(backlog, ExitRecord, record, () => countLostHeld(k))
      reportBacklog(k)
    }
    if (held) k.when(held.ne(0), hold, post)
    else post()
  })
}

/**
 * Sends the exit of a process that is not in the table, if the table was ever full: the reader may
 * know the process from its fork or exec record. Both of two last threads may send it; the reader
 * uses the first record and ignores exits of unknown unlisted processes.
 */
function sendUnlisted(k: Code, task: Ptr<TaskStruct>): void {
  const refused = k.lookup(losses, lossKinds.indexOf('table_full'))
  k.unless(refused, k.exit)
  k.when(refused.value.eq(0), k.exit)
  k.when(isKernelThread(task), k.exit)
  const start = task.group_leader.start_boottime
  const key = { ktime: start, pid: task.tgid, execs: task.self_exec_id.low32() }
  const status = waitStatus(k, task)
  const record = { kind: recordKind.unlisted, status, key, start, time: k.bootTime() }
  k.submit(events, ExitRecord, record, () => countLoss(k, 'exit'))
}

/** Group and report state of a process, read before its entry is removed. */
function groupOf(task: Ptr<TaskStruct>, hierarchy: CgroupHierarchy, reporting: Int) {
  const { id: cgroup, name } = cgroupOf(task, hierarchy).kn
  return { cgroup, name, reporting }
}

/** What the parent's wait(2) will see (kernel/exit.c, wait_task_zombie). */
export function waitStatus(k: Code, task: Ptr<TaskStruct>): Int {
  const { signal } = task
  return k.select(signal.flags.has(groupExit), signal.group_exit_code, task.group_leader.exit_code)
}

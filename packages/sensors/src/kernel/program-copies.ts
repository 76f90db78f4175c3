import { readFileSync, writeFileSync } from 'node:fs'
import type { Btf } from '@tetragon-ts/ebpf/btf'
import { Collection, type Program, type Ptr, program, tpBtf } from '@tetragon-ts/ebpf/lang'
import { array, type MapSpec } from '@tetragon-ts/ebpf/maps'
import { u64 } from '@tetragon-ts/ebpf/records'
import { EbpfError } from '@tetragon-ts/ebpf/sys'
import { TaskStruct } from './types.ts'

/** A thread writes its own name to this file, which hits the tracepoint `task_rename`. */
const ownName = '/proc/thread-self/comm'

const known = new WeakMap<Btf, 1 | 2>()

/**
 * Number of attachments of a program to a tracepoint that are needed to miss no hit.
 *
 * The kernel skips a program that is already active on the same CPU for a task that was preempted
 * in it (bpf_prog_run in kernel/trace/bpf_trace.c). If tracepoints are preemptible, a second copy
 * is attached; programs are written so that it does nothing after the first one.
 *
 * Probed once, which takes about 15 ms.
 */
export function programCopies(btf: Btf): 1 | 2 {
  const copies = known.get(btf) ?? (isPreemptible(btf) ? 2 : 1)
  known.set(btf, copies)
  return copies
}

/**
 * Whether programs at tracepoints are preemptible: then the kernel keeps their task on its CPU with
 * migrate_disable, which it does nowhere else (rcu_read_lock_dont_migrate in
 * include/linux/rcupdate.h, called by __bpf_trace_run). If the probe fails, they may be.
 */
function isPreemptible(btf: Btf): boolean {
  const hits = array('tg_preempt', { value: u64, maxEntries: 2 })
  using collection = new Collection({ btf })
  try {
    const probe = pinnedHits(hits)
    collection.attach(probe)
    writeFileSync(ownName, readFileSync(ownName))
    const map = collection.map(hits)
    const [all, pinned] = [0, 1].map((index) => Number(map.lookup(index) ?? 0))
    return all === 0 || pinned > 0
  } catch (error) {
    if (error instanceof EbpfError || (error as NodeJS.ErrnoException).code) return true
    throw error
  }
}

/** Counts all hits, and those whose task was kept on its CPU. */
function pinnedHits(hits: MapSpec<number, bigint>): Program {
  const hook = tpBtf<[task: Ptr<TaskStruct>]>('task_rename')
  return program('tg_preempt', hook, (k, task) => {
    const count = (index: number): void => {
      const entry = k.lookup(hits, index)
      k.when(entry, () => k.increment(entry, 'value'))
    }
    count(0)
    // Before Linux 5.11, disabling migration means disabling preemption.
    if (!k.hasField(TaskStruct, 'migration_disabled')) return
    k.when(task.migration_disabled.ne(0), () => count(1))
  })
}

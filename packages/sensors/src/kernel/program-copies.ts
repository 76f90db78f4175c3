import { readFileSync, writeFileSync } from 'node:fs'
import type { Btf } from '@tetragon-ts/ebpf/btf'
import { Collection } from '@tetragon-ts/ebpf/collection'
import { EbpfError } from '@tetragon-ts/ebpf/errors'
import { type Program, type Ptr, program, tpBtf } from '@tetragon-ts/ebpf/lang'
import { array, type MapSpec } from '@tetragon-ts/ebpf/maps'
import { hostPid, VerifierError } from '@tetragon-ts/ebpf/programs'
import { u64 } from '@tetragon-ts/ebpf/records'
import { SystemCallError } from '@tetragon-ts/ebpf/sys'
import { TaskStruct } from './types.ts'

/** A thread writes its own name to this file, which hits the tracepoint `task_rename`. */
const ownName = '/proc/thread-self/comm'

/** Whether programs at tracepoints are preemptible; `unknown` if the probe failed. */
export type Preemptible = 'yes' | 'no' | 'unknown'

const answers = new WeakMap<Btf, Preemptible>()

/**
 * Number of attachments of a program to a tracepoint that are needed to miss no hit.
 *
 * The kernel skips a program that is already active on the same CPU for a task that was preempted
 * in it (bpf_prog_run in kernel/trace/bpf_trace.c). If tracepoints are preemptible, a second copy
 * is attached; programs are written so that it does nothing after the first one.
 */
export function programCopies(btf: Btf): 1 | 2 {
  return preemptible(btf) === 'no' ? 1 : 2
}

/**
 * Whether programs at tracepoints are preemptible: then the kernel keeps their task on its CPU with
 * migrate_disable (rcu_read_lock_dont_migrate in include/linux/rcupdate.h, called by
 * __bpf_trace_run). Probed once, which takes about 15 ms.
 */
export function preemptible(btf: Btf): Preemptible {
  const answer = answers.get(btf) ?? probe(btf)
  answers.set(btf, answer)
  return answer
}

function probe(btf: Btf): Preemptible {
  const own = hostPid()
  if (own === undefined) return 'unknown'
  const hits = array('tg_preempt', { value: u64, maxEntries: 2 })
  using collection = new Collection({ btf })
  try {
    collection.attach(pinnedHits(hits, own))
    renameAsBefore()
    const map = collection.map(hits)
    const [all, pinned] = [0, 1].map((index) => Number(map.lookup(index) ?? 0))
    if (all === 0) return 'unknown'
    return pinned > 0 ? 'yes' : 'no'
  } catch (error) {
    if (isRefusal(error)) return 'unknown'
    throw error
  }
}

/** Whether the kernel or its types refused the probe, and not our code. */
function isRefusal(error: unknown): boolean {
  if (error instanceof SystemCallError || error instanceof VerifierError) return true
  if (error instanceof EbpfError) return error.code === 'EBPF_NO_HOOK'
  return (error as NodeJS.ErrnoException).syscall !== undefined
}

/** Gives this thread the name that it has. */
function renameAsBefore(): void {
  // Reading adds a newline, which would become part of the name.
  writeFileSync(ownName, readFileSync(ownName).subarray(0, -1))
}

/** Counts all hits of this process, and those whose task was kept on its CPU. */
function pinnedHits(hits: MapSpec<number, bigint>, own: number): Program {
  const hook = tpBtf<[task: Ptr<TaskStruct>]>('task_rename')
  return program('tg_preempt', hook, (k, task) => {
    const pid = k.call('get_current_pid_tgid').shiftRight(32)
    k.when(pid.ne(own), k.exit)
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

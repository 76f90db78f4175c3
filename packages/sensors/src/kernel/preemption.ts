import { readFileSync } from 'node:fs'
import type { Btf } from '@tetragon-ts/ebpf/btf'
import { openFileSystem, SystemCallError } from '@tetragon-ts/ebpf/sys'

let answer: boolean | undefined

/**
 * Whether the kernel may preempt programs of trampolines, which run with preemption on. It skips
 * such a program while a task that was preempted inside it is not back (__bpf_prog_enter_recur in
 * kernel/bpf/trampoline.c). The answer is kept: only root can change the model of preemption later.
 */
export function preemptsPrograms(btf: Btf): boolean {
  answer ??= canPreempt(btf)
  return answer
}

function canPreempt(btf: Btf): boolean {
  // Only kernels that can be preempted count the nesting of RCU readers: include/linux/sched.h.
  const task = btf.find('task_struct', 'struct')
  if (task !== undefined && !btf.member(task, 'rcu_read_lock_nesting')) return false
  const models = readModels()
  // Without a choice of models (PREEMPT_DYNAMIC) they always preempt.
  return models === undefined || !/\((?:none|voluntary)\)/.test(models)
}

/** The models of preemption, the current one in parentheses; undefined if there is no choice. */
function readModels(): string | undefined {
  try {
    using debugfs = openFileSystem('debugfs')
    return readFileSync(`/proc/self/fd/${debugfs.number}/sched/preempt`, 'latin1')
  } catch (error) {
    const isAnswer = error instanceof SystemCallError || isMissingFile(error)
    if (isAnswer) return undefined
    throw error
  }
}

function isMissingFile(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).syscall !== undefined
}

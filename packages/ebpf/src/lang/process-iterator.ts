import type { Btf } from '../btf/index.ts'

/** The kernel's iterator over processes for programs: kernel/bpf/task_iter.c. */
interface ProcessIterator {
  /** Ids of its functions in BTF. */
  readonly create: number
  readonly next: number
  readonly destroy: number
  /** Size of its state. */
  readonly size: number
}

/** BPF_TASK_ITER_ALL_PROCS in kernel/bpf/task_iter.c: processes, not threads. */
export const allProcesses = 0

/** Undefined where the kernel has none. */
export function processIterator(btf: Btf): ProcessIterator | undefined {
  const create = btf.find('bpf_iter_task_new', 'func')
  const next = btf.find('bpf_iter_task_next', 'func')
  const destroy = btf.find('bpf_iter_task_destroy', 'func')
  const state = btf.find('bpf_iter_task', 'struct')
  if (create === undefined || next === undefined || destroy === undefined) return undefined
  return state === undefined ? undefined : { create, next, destroy, size: btf.sizeOf(state) }
}

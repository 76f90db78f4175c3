import type { Process } from '../processes/process.ts'

/** A process of a control group, in records of the kernel. */
export interface Member {
  readonly cgroup: number
  readonly key: { readonly pid: number }
  readonly parent: { readonly pid: number }
}

/**
 * Pids among whose processes or their ancestors is the container runtime that started a process:
 * those of its ancestors, nearest first, once for successive images of a process; then its own,
 * whose parent is another one by now if an ancestor has ended.
 * @param parent the cached parent of the process
 */
export function* relativePids(
  { key, parent: { pid } }: Member,
  parent: Process | undefined,
): Iterable<number> {
  yield pid
  let last = pid
  for (let above = parent; above !== undefined; above = above.parent) {
    if (above.pid !== last) yield above.pid
    last = above.pid
  }
  yield key.pid
}

import type { Process } from './process.ts'

/** Maximum number of ancestors that an event may have. */
export const eventAncestorsMax = 256
/** Filters see one more: it shows that an event does not have all. */
const ancestorsMax = eventAncestorsMax + 1
/** The first process and kthreadd: their only ancestor is the kernel. */
const lastPid = 2

/** Ancestors of the parent of a process, nearest first. */
export function ancestorsOf(parent: Process | undefined): Process[] {
  const ancestors: Process[] = []
  let last = parent
  while (last && last.pid > lastPid && ancestors.length < ancestorsMax) {
    last = last.parent
    if (last) ancestors.push(last)
  }
  return ancestors
}

/**
 * Pids of the ancestors of a process, nearest first, once for successive images of a process; then
 * its own, whose parent is another one by now if an ancestor has ended.
 * @param pid 0: unknown
 */
export function* ancestorPids(
  parent: Process | undefined,
  parentPid: number,
  pid: number,
): Iterable<number> {
  yield parentPid
  let last = parentPid
  for (let above = parent; above !== undefined; above = above.parent) {
    if (above.pid !== last) yield above.pid
    last = above.pid
  }
  if (pid > 0) yield pid
}

import type { Process } from './process.ts'

/** Maximum number of ancestors in an event; farther ones are left out. */
const ancestorsMax = 256
/**
 * The first process and the first of the kernel's threads: nothing is above them but the kernel.
 */
const lastPid = 2

/** Whom the parent of a process descends from, the nearest first. */
export function ancestorsOf(parent: Process | undefined): Process[] {
  const ancestors: Process[] = []
  let last = parent
  while (last && last.pid > lastPid && ancestors.length < ancestorsMax) {
    last = last.parent
    if (last) ancestors.push(last)
  }
  return ancestors
}

/** Pids of what a process descends from, nearest first; each image's pid once. */
export function* ancestorPids(parent: Process | undefined, parentPid: number): Iterable<number> {
  yield parentPid
  let last = parentPid
  for (let above = parent; above !== undefined; above = above.parent) {
    if (above.pid !== last) yield above.pid
    last = above.pid
  }
}

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

import type { Process } from './process.ts'

/** Maximum number of ancestors in an event; more distant ones are omitted. */
const ancestorsMax = 256
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

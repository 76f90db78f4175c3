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

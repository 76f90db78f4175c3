import type { ProcessFacts } from './process-facts.ts'

/** A process: what it executed, one image after the other; the last one is the current one. */
export type Images = readonly ProcessFacts[]

/**
 * The exec id of what came before an image: the image that it replaced, or that of the process that
 * started it. Empty: a process that names itself has no parent.
 */
export function previousOf({ execId, parentExecId, replaced }: ProcessFacts): string {
  if (replaced !== '') return replaced
  return parentExecId === execId ? '' : parentExecId
}

/** Whether an image and the one before it are of one process: a pid is not used twice at a time. */
export function isSameProcess(image: ProcessFacts, previous: ProcessFacts): boolean {
  const { pid, node } = image
  return pid > 0 && pid === previous.pid && node === previous.node && image !== previous
}

/** The processes of a lineage: images of one process belong together. */
export function processesOf(lineage: readonly ProcessFacts[]): ProcessFacts[][] {
  const processes: ProcessFacts[][] = []
  for (const facts of lineage) {
    const last = processes.at(-1)
    if (last !== undefined && isSameProcess(facts, last.at(-1)!)) last.push(facts)
    else processes.push([facts])
  }
  return processes
}

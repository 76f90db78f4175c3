import { probe } from '@tetragon-ts/ebpf/features'
import type { Target } from '@tetragon-ts/ebpf/lang'
import { isInHostPidNamespace } from '@tetragon-ts/ebpf/programs'
import { eachProcessWalk } from './each-process-walk.ts'
import { iteratorWalk } from './iterator-walk.ts'
import { findsItself, pidWalk } from './pid-walk.ts'
import type { ProcessWalk } from './process-walk.ts'

export { findProcess } from './find-process.ts'
export type { ForProcess, ProcessWalk } from './process-walk.ts'
export { eachProcessWalk, iteratorWalk, pidWalk }

/** What decides the walk; each is asked only if it matters. */
export interface WalkFacts {
  /** Programs can visit all processes in the kernel. */
  hasIteratorForPrograms(): boolean
  /** The iterator, which is limited to the pid namespace of its reader, visits all processes. */
  isInHostNamespace(): boolean
  /** Lookups of pids work. */
  canLookUp(): boolean
}

function factsHere(target: Target): WalkFacts {
  return {
    hasIteratorForPrograms: () => probe('each_process').answer === 'yes',
    isInHostNamespace: isInHostPidNamespace,
    canLookUp: () => findsItself(target),
  }
}

/**
 * The best way to visit all processes that this kernel offers.
 * @param procfs the host's /proc
 */
export function chooseWalk(
  target: Target,
  procfs: string,
  facts: WalkFacts = factsHere(target),
): ProcessWalk {
  if (facts.hasIteratorForPrograms()) return eachProcessWalk
  if (facts.isInHostNamespace()) return iteratorWalk(true)
  return facts.canLookUp() ? pidWalk(procfs) : iteratorWalk(false)
}

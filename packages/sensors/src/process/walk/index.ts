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

/**
 * The best way to visit all processes that this kernel offers.
 * @param procfs the host's /proc
 */
export function chooseWalk(target: Target, procfs: string): ProcessWalk {
  if (probe('each_process').answer === 'yes') return eachProcessWalk
  if (isInHostPidNamespace()) return iteratorWalk(true)
  return findsItself(target) ? pidWalk(procfs) : iteratorWalk(false)
}

import type { Collection } from '@tetragon-ts/ebpf/collection'
import type { LoadedProgram } from '@tetragon-ts/ebpf/programs'
import type { ProcessWalk } from '@tetragon-ts/sensors/process/walk'
import { additionsMap } from '../process-sets/member.ts'

/** Limit of rounds: no process has more ancestors than this with out-of-order pids. */
const roundsMax = 64

/**
 * Fills a set with the running processes, once its programs at fork and exec are attached. A round
 * can miss a process: its parent was added after it, it got a pid that the walk had passed, or it
 * called exec. So there are two rounds at least, and more while they add processes.
 * @param programs of `ProcessSet.filling`, loaded into the set's collection
 * @param prepare is called before each round
 */
export function fillSet(
  walk: ProcessWalk,
  programs: readonly LoadedProgram[],
  collection: Collection,
  prepare?: () => void,
): void {
  const additions = collection.map(additionsMap)
  for (let round = 0; round < roundsMax; round++) {
    additions.update(0, 0n)
    prepare?.()
    for (const program of programs) walk.run(program)
    if (round > 0 && additions.lookup(0) === 0n) return
  }
}

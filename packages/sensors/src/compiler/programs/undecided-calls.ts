import type { Code } from '@tetragon-ts/ebpf/lang'
import { array, type MapSpec } from '@tetragon-ts/ebpf/maps'
import { record, u64 } from '@tetragon-ts/ebpf/records'

const Count = record('undecided', { calls: u64 })

/**
 * How many calls of a hook wait for their return undecided. There are hardly ever any: this keeps a
 * return from looking for its call. It may be too high, where a return was not seen.
 */
export const undecidedCallsMap = (): MapSpec => array('tg_undecided', { value: Count }) as MapSpec

/** One more, or with -1 one less. */
export function countUndecided(k: Code, map: MapSpec, by: 1 | -1): void {
  k.increment(k.view(k.global(map), Count), 'calls', by)
}

/** Ends the program where no call is undecided. */
export function exitIfNoneUndecided(k: Code, map: MapSpec): void {
  k.when(k.global(map).load(8).eq(0), k.exit)
}

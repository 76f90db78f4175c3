import type { Code } from '@tetragon-ts/ebpf/lang'
import { array, type MapSpec } from '@tetragon-ts/ebpf/maps'
import { record, u64 } from '@tetragon-ts/ebpf/records'

const Count = record('undecided', { calls: u64 })

/**
 * Number of undecided calls of a hook that wait for their return. It is almost always 0 and saves a
 * return the lookup of its call. It may be too high if a return was not seen.
 */
export const undecidedCallsMap = (): MapSpec => array('tg_undecided', { value: Count }) as MapSpec

/** Increments it, or decrements it with -1. */
export function countUndecided(k: Code, map: MapSpec, by: 1 | -1): void {
  k.increment(k.view(k.global(map), Count), 'calls', by)
}

/** Ends the program if no call is undecided. */
export function exitIfNoneUndecided(k: Code, map: MapSpec): void {
  k.when(k.global(map).load(8).eq(0), k.exit)
}

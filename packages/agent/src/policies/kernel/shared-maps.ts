import type { MapSpec, OpenMap } from '@tetragon-ts/ebpf/maps'

/** Maps that all policies share, by declaration. */
export type SharedMaps = Iterable<readonly [MapSpec, OpenMap<unknown, unknown>]>

import type { MapSpec } from '@tetragon-ts/ebpf/maps'
import type { OpenMap } from '@tetragon-ts/ebpf/open-maps'

/** Maps that all policies share, by declaration. */
export type SharedMaps = Iterable<readonly [MapSpec, OpenMap<unknown, unknown>]>

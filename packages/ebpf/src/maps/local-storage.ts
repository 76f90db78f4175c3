import type { Codec } from '../records/codec.ts'
import { s32 } from '../records/index.ts'
import { mapFlag } from './map-type.ts'
import type { MapSpec } from './spec.ts'

interface StorageOptions<V> {
  readonly value: Codec<V>
}

/**
 * A value that hangs on a task and dies with it; programs find it without a hash. User space's
 * key is a pidfd. Kernel 5.11, for tracing programs outside of LSM hooks as well.
 */
export function taskStorage<V>(name: string, { value }: StorageOptions<V>): MapSpec<number, V> {
  return { name, type: 'taskStorage', key: s32, value, maxEntries: 0, flags: mapFlag.noPrealloc }
}

/** A value that hangs on a cgroup. User space's key is a descriptor of its folder. Kernel 6.2. */
export function cgroupStorage<V>(name: string, { value }: StorageOptions<V>): MapSpec<number, V> {
  return { name, type: 'cgroupStorage', key: s32, value, maxEntries: 0, flags: mapFlag.noPrealloc }
}

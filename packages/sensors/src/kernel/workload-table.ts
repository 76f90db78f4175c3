import { array, hashMap, lruHashMap } from '@tetragon-ts/ebpf/maps'
import { u64 } from '@tetragon-ts/ebpf/records'
import { WorkloadEntry } from '../records/control-groups.ts'

/**
 * Control groups of containers, and of groups inside them: programs enter them before a process can
 * run in them, the reader writes their sets. Groups of the host have no entry.
 */
export const workloadTable = hashMap('tg_workloads', {
  key: u64,
  value: WorkloadEntry,
  maxEntries: 32768,
  preallocate: false,
})

/** The first value of an entry: nothing is known about any set. */
export const newWorkload = array('tg_new_workload', { value: WorkloadEntry, maxEntries: 1 })

/** Control groups that the reader knows; recently used ones stay when it is full. */
export const reportedGroups = lruHashMap('tg_groups', { key: u64, value: u64, maxEntries: 2048 })

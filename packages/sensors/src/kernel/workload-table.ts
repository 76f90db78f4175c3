import type { Code, Int } from '@tetragon-ts/ebpf/lang'
import { array, hashMap, lruHashMap } from '@tetragon-ts/ebpf/maps'
import { record, u64 } from '@tetragon-ts/ebpf/records'
import { WorkloadEntry } from '../records/control-groups.ts'
import { eachLevel } from './group-levels.ts'
import { KernfsNode } from './types.ts'

const tableMax = 32768

/**
 * Control groups of containers: programs enter them before a process can run in them, the reader
 * writes their sets. Groups of the host have no entry, nor have groups inside a container of a pod:
 * otherwise a pod could fill the table.
 */
export const workloadTable = hashMap('tg_workloads', {
  key: u64,
  value: WorkloadEntry,
  maxEntries: tableMax,
  preallocate: false,
})

/** The first value of an entry: nothing is known about any set. */
export const newWorkload = array('tg_new_workload', { value: WorkloadEntry, maxEntries: 1 })

/**
 * Groups of the table that groups without an entry were created in. They are removed after those,
 * so that the last removal shows that there are none any more.
 */
export const outerGroups = hashMap('tg_outer', {
  key: u64,
  value: u64,
  maxEntries: tableMax,
  preallocate: false,
})

/** Number of outer groups: while there are none, a group without an entry is inside of none. */
export const NestedGroups = record('nested_groups', { outer: u64 })
export const nestedGroups = array('tg_nested', { value: NestedGroups, maxEntries: 1 })

/** Control groups that the reader knows; recently used ones stay when it is full. */
export const reportedGroups = lruHashMap('tg_groups', { key: u64, value: u64, maxEntries: 2048 })

/** The nearest group with an entry, of a group and its parents: its id, or 0. */
export function enteredGroup(k: Code, node: Int): Int {
  const found = k.variable(0)
  eachLevel(k, node, ({ at }, leave) => {
    const { id } = k.snapshot(KernfsNode, at, ['id'])
    k.when(k.lookup(workloadTable, id), () => {
      found.set(id)
      leave()
    })
  })
  return found
}

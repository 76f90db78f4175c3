import {
  type Code,
  type Input,
  type Int,
  type IntLike,
  type Program,
  type Ptr,
  program,
  tpBtf,
} from '@tetragon-ts/ebpf/lang'
import type { RecordValue } from '@tetragon-ts/ebpf/records'
import { countLoss } from '../kernel/loss.ts'
import { events } from '../kernel/maps.ts'
import { type Cgroup, KernfsNode, type TaskStruct } from '../kernel/types.ts'
import {
  enteredGroup,
  NestedGroups,
  nestedGroups,
  newWorkload,
  outerGroups,
  workloadTable,
} from '../kernel/workload-table.ts'
import { GroupEndRecord, groupNames, WorkloadEntry } from '../records/control-groups.ts'
import { recordKind } from '../records/kinds.ts'
import { namedGroups, ownerOf, sendGroup } from './control-groups.ts'
import { type CgroupHierarchy, cgroupOf, isKernelThread } from './identity.ts'
import type { ProcessWalk } from './walk/index.ts'

// Programs that keep the table of workloads. Kernel 5.8.

type EntryValue = Input<RecordValue<typeof WorkloadEntry.shape>>

/** -EEXIST */
const existsAlready = -17

/** Enters a group when it is created, before a process can be in it. */
export function createdGroups(hierarchy: CgroupHierarchy): Program {
  const hook = tpBtf<[group: Ptr<Cgroup>]>('cgroup_mkdir')
  return program('tg_group_new', hook, (k, group) => {
    unlessOf(k, hierarchy, group)
    enter(k, group.kn, k.call('get_current_pid_tgid').shiftRight(32))
  })
}

/**
 * Enters a group when a process moves into it: one that was created before these programs, and that
 * no process was in.
 */
export function enteredGroups(hierarchy: CgroupHierarchy): Program {
  const hook = tpBtf<[group: Ptr<Cgroup>, path: Int, task: Ptr<TaskStruct>]>('cgroup_attach_task')
  return program('tg_group_in', hook, (k, group, _, task) => {
    unlessOf(k, hierarchy, group)
    enter(k, group.kn, task.tgid)
  })
}

/** Enters the groups of all running processes. */
export function runningGroups(hierarchy: CgroupHierarchy, walk: ProcessWalk): Program {
  return walk.program('tg_groups', (k, task) => {
    k.when(isKernelThread(task), k.exit)
    enter(k, cgroupOf(task, hierarchy).kn, task.tgid)
  })
}

/** Removes the entry of a group that is removed. */
export function removedGroups(hierarchy: CgroupHierarchy): Program {
  const hook = tpBtf<[group: Ptr<Cgroup>]>('cgroup_rmdir')
  return program('tg_group_end', hook, (k, group) => {
    unlessOf(k, hierarchy, group)
    const { id } = group.kn
    k.when(k.remove(workloadTable, id).ne(0), k.exit)
    k.when(k.remove(outerGroups, id).eq(0), () => countOuter(k, -1))
    const record = { kind: recordKind.groupEnd, cgroup: id }
    k.submit(events, GroupEndRecord, record, () => countLoss(k, 'group'))
  })
}

function countOuter(k: Code, change: 1 | -1): void {
  k.increment(k.view(k.global(nestedGroups), NestedGroups), 'outer', change)
}

/** Ends the program for groups of other hierarchies: their ids may be the same. */
function unlessOf(k: Code, { id }: CgroupHierarchy, { root }: Ptr<Cgroup>): void {
  k.when(root.hierarchy_id.ne(id), k.exit)
}

/**
 * Enters a group that may be that of a container, and those around it. A group inside a container
 * whose pod is not known yet begins with the sets of that container; afterwards it needs no entry.
 * @param pid see the record of the group
 */
function enter(k: Code, kn: Ptr<KernfsNode>, pid: IntLike): void {
  const { id } = kn
  const node = k.number(kn)
  k.when(k.lookup(workloadTable, id), k.exit)
  const named = namedGroups(k, node)
  const top = named[groupNames - 1]
  k.when(top.eq(0), k.exit)
  // Other users can give their groups any name: these belong to the host.
  k.when(ownerOf(k, top).ne(0), k.exit)
  const outer = enteredGroup(k, node)
  const around = k.lookup(workloadTable, outer)
  const unknown = k.view(k.global(newWorkload), WorkloadEntry)
  const isNew = k.variable(0)
  const add = (value: EntryValue): void => addEntry(k, id, value, () => isNew.set(1))
  k.when(
    around,
    () => {
      k.when(around.isInPod.ne(0), () => {
        k.when(k.update(outerGroups, outer, 1, 'new').eq(0), () => countOuter(k, 1))
        k.exit()
      })
      k.when(
        around.isOutside.eq(0),
        () => add(around),
        () => add(unknown),
      )
    },
    () => add(unknown),
  )
  k.when(isNew.ne(0), () => {
    sendGroup(k, id, pid, named)
    enterAround(k, node, named, pid)
  })
}

/**
 * Enters the named groups around a group. They may have no process: then only their entries show
 * that groups created later are inside them.
 */
function enterAround(k: Code, node: Int, named: readonly Int[], pid: IntLike): void {
  const unknown = k.view(k.global(newWorkload), WorkloadEntry)
  for (const [index, at] of [...named.entries()].reverse()) {
    k.when(at.ne(0), () => {
      k.when(at.ne(node), () => {
        const { id } = k.snapshot(KernfsNode, at, ['id'])
        const above = named.map((each, i) => (i < index ? k.constant(0) : each))
        addEntry(k, id, unknown, () => sendGroup(k, id, pid, above))
      })
    })
  }
}

/** @param added runs if there was no entry and the table has room; a full table is counted */
function addEntry(k: Code, id: Int, value: EntryValue, added: () => void): void {
  const result = k.update(workloadTable, id, value, 'new')
  k.when(result.eq(0), added, () => {
    k.when(result.ne(existsAlready), () => countLoss(k, 'workloads_full'))
  })
}

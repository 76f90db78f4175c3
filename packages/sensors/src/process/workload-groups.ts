import {
  type Code,
  type Int,
  type IntLike,
  type Program,
  type Ptr,
  program,
  tpBtf,
} from '@tetragon-ts/ebpf/lang'
import { countLoss } from '../kernel/loss.ts'
import { events } from '../kernel/maps.ts'
import { type Cgroup, KernfsNode, type TaskStruct } from '../kernel/types.ts'
import { newWorkload, workloadTable } from '../kernel/workload-table.ts'
import { GroupEndRecord, groupNames, WorkloadEntry } from '../records/control-groups.ts'
import { recordKind } from '../records/kinds.ts'
import { outermostLongNames, sendGroup } from './control-groups.ts'
import { type CgroupHierarchy, cgroupOf, isKernelThread } from './identity.ts'
import type { ProcessWalk } from './walk/index.ts'

// Programs that keep the table of workloads. Kernel 5.8.

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
    const record = { kind: recordKind.groupEnd, cgroup: id }
    k.submit(events, GroupEndRecord, record, () => countLoss(k, 'group'))
  })
}

/** Ends the program for groups of other hierarchies: their ids may be the same. */
function unlessOf(k: Code, { id }: CgroupHierarchy, { root }: Ptr<Cgroup>): void {
  k.when(root.hierarchy_id.ne(id), k.exit)
}

/**
 * Enters a group that may be that of a container, or inside it. A group inside that of a pod begins
 * with the sets of its parent.
 * @param pid see the record of the group
 */
function enter(k: Code, kn: Ptr<KernfsNode>, pid: IntLike): void {
  const { id } = kn
  const node = k.number(kn)
  k.when(k.lookup(workloadTable, id), k.exit)
  const above = k.variable(0)
  const { parent } = k.snapshot(KernfsNode, node, ['parent'])
  const parentNode = k.variable(k.address(parent))
  k.when(parentNode.ne(0), () => above.set(k.snapshot(KernfsNode, parentNode, ['id']).id))
  const names = outermostLongNames(k, node)
  k.when(names[groupNames - 1].eq(0), k.exit)
  const added = k.variable(0)
  const begin = (value: Ptr<object>): void =>
    added.set(k.update(workloadTable, id, value as never, 'new'))
  const unknown = (): void => begin(k.view(k.global(newWorkload as never), WorkloadEntry))
  const inherited = k.lookup(workloadTable, above)
  k.when(
    inherited,
    () => k.when(inherited.isOutside.eq(0), () => begin(inherited), unknown),
    unknown,
  )
  k.when(added.ne(0), () => {
    k.when(added.ne(existsAlready), () => countLoss(k, 'workloads_full'))
    k.exit()
  })
  sendGroup(k, id, pid, names)
}

import type { Code, Condition, Int, Ptr } from '@tetragon-ts/ebpf/lang'
import type { NamespaceName } from '@tetragon-ts/policy'
import {
  type Cgroup,
  type Cred,
  type KernelCap,
  type NsProxy,
  type Pid,
  TaskStruct,
  Upid,
} from '../kernel/types.ts'
import { credentialIds } from '../records/credentials.ts'
import { namespaceNames, type RecordContent } from '../records/process.ts'
import type { Group } from './control-groups.ts'

/** PF_KTHREAD in include/linux/sched.h. */
const kernelThread = 0x00200000
const noLoginUid = 0xffffffff

export function isKernelThread(task: Ptr<TaskStruct>): Condition {
  return task.flags.has(kernelThread)
}

/** Start of the task's process. Read again where it is stored: that takes no stack. */
export function startOf({ group_leader }: Ptr<TaskStruct>): Int {
  return group_leader.start_boottime
}

/** Low half of the kernel's count of the task's execs; the same as for `startOf`. */
export function execsOf({ self_exec_id }: Ptr<TaskStruct>): Int {
  return self_exec_id.low32()
}

/**
 * Key of a process without a record. Kernel threads are not reported: processes whose parent is a
 * kernel thread, such as the first process and user mode helpers, descend from the kernel itself.
 */
export function unseenKey(
  k: Code,
  task: Ptr<TaskStruct>,
): { readonly ktime: Int; readonly pid: Int } {
  return { ktime: unseenStart(k, task), pid: shownPid(k, task) }
}

/** The pid of such a key, for a lookup of the process. */
export function shownPid(k: Code, task: Ptr<TaskStruct>): Int {
  return k.select(isKernelThread(task), 0, task.tgid)
}

/** The time of such a key. */
export function unseenStart(k: Code, task: Ptr<TaskStruct>): Int {
  return k.select(isKernelThread(task), 1, startOf(task))
}

/** The hierarchy of the containers: version 2, or a controller of version 1. */
export type CgroupHierarchy = {
  /** Its number in the kernel; 0 is that of version 2. */
  readonly id: number
} & (
  | { readonly version: 2 }
  | { readonly version: 1; readonly controller: number; readonly name: string }
)

/** The facts of a task in records. */
export interface TaskFacts {
  /** Fields of the identity record. */
  readonly identity: {
    readonly cgroup: Int
    readonly nspid: Int
    readonly euid: Int
    readonly auid: Int
    readonly namespaces?: readonly Int[]
    readonly credentials?: Readonly<Record<string, Int>>
  }
  /** Fields of the process table's entry. */
  readonly entry: {
    readonly nspid: Int
    readonly namespaces: readonly Int[]
    readonly permitted: Int
    readonly effective: Int
    readonly inheritable: Int
  }
  /** Its control group, and the address of its name. */
  readonly group: Group & { readonly name: Int }
}

/**
 * Reads all facts. Call it before the program branches: for each followed pointer the verifier
 * searches the kernel's types, which takes up to a millisecond, again on each path.
 */
export function readFacts(
  k: Code,
  task: Ptr<TaskStruct>,
  hierarchy: CgroupHierarchy,
  content: RecordContent,
): TaskFacts {
  const { cred, thread_pid } = task
  const { kn } = cgroupOf(task, hierarchy)
  const { id, name } = kn
  const { nr, ns } = innermost(k, thread_pid)
  // The pid in the process's own namespace; 0 in the host's, as in the API.
  const nspid = k.select(thread_pid.level.ne(0), nr, 0)
  const auid = k.hasField(TaskStruct, 'loginuid') ? task.loginuid.val : k.constant(noLoginUid)
  const entry = {
    nspid,
    namespaces: namespaces(task.nsproxy, ns.ns.inum, cred.user_ns.ns.inum),
    permitted: capabilityMask(k, cred.cap_permitted),
    effective: capabilityMask(k, cred.cap_effective),
    inheritable: capabilityMask(k, cred.cap_inheritable),
  }
  return {
    identity: {
      cgroup: id,
      nspid,
      euid: cred.euid.val,
      auid,
      ...(content.namespaces && { namespaces: entry.namespaces }),
      ...(content.credentials && { credentials: credentials(cred, entry) }),
    },
    entry,
    group: { id, name, node: k.number(kn) },
  }
}

function credentials(
  cred: Ptr<Cred>,
  { permitted, effective, inheritable }: TaskFacts['entry'],
): Record<string, Int> {
  const { level, owner, group, ns } = cred.user_ns
  return {
    permitted,
    effective,
    inheritable,
    ...Object.fromEntries(credentialIds.map((name) => [name, cred[name].val])),
    securebits: cred.securebits,
    level,
    owner: owner.val,
    group: group.val,
    inum: ns.inum,
  }
}

/** The control group that identifies a task's container. */
export function cgroupOf(task: Ptr<TaskStruct>, hierarchy: CgroupHierarchy): Ptr<Cgroup> {
  const { cgroups } = task
  return hierarchy.version === 2 ? cgroups.dfl_cgrp : cgroups.subsys.at(hierarchy.controller).cgroup
}

/** Numbers of the namespaces in the order of `namespaceNames`. */
function namespaces(nsproxy: Ptr<NsProxy>, pid: Int, user: Int): Int[] {
  const task = { nsproxy, pid: () => pid, user: () => user }
  return namespaceNames.map((name) => namespaceNumber[name](task))
}

/** Locations of a task's namespaces. Those behind pointers are read on demand. */
export interface TaskNamespaces {
  readonly nsproxy: Ptr<NsProxy>
  /** Number of the task's pid namespace. */
  pid(): Int
  /** Number of its user namespace. */
  user(): Int
}

/** Reads the inode number of each namespace. */
export const namespaceNumber: Readonly<Record<NamespaceName, (task: TaskNamespaces) => Int>> = {
  uts: ({ nsproxy }) => nsproxy.uts_ns.ns.inum,
  ipc: ({ nsproxy }) => nsproxy.ipc_ns.ns.inum,
  mnt: ({ nsproxy }) => nsproxy.mnt_ns.ns.inum,
  pid: (task) => task.pid(),
  pid_for_children: ({ nsproxy }) => nsproxy.pid_ns_for_children.ns.inum,
  net: ({ nsproxy }) => nsproxy.net_ns.ns.inum,
  time: ({ nsproxy }) => nsproxy.time_ns.ns.inum,
  time_for_children: ({ nsproxy }) => nsproxy.time_ns_for_children.ns.inum,
  cgroup: ({ nsproxy }) => nsproxy.cgroup_ns.ns.inum,
  user: (task) => task.user(),
}

/** A pid in its innermost namespace: its number, and the namespace. */
export function innermost(k: Code, pid: Ptr<Pid>) {
  const at = pid.level.mul(k.layout(Upid).size)
  return k.snapshot(Upid, k.addressOf(pid, 'numbers').add(at), ['nr', 'ns'])
}

/** A capability set as a 64-bit mask. */
export function capabilityMask(k: Code, set: KernelCap): Int {
  return hasWideCaps(k) ? set.val : set.cap.at(1).shiftLeft(32).or(set.cap.at(0))
}

function hasWideCaps(k: Code): boolean {
  const cred = k.layout({ name: 'cred' }).member('cap_effective')
  return cred?.type.kind === 'struct' && cred.type.layout.member('val') !== undefined
}

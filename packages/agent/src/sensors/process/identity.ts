import type { Code, Condition, Int, Ptr } from '@tetragon-ts/ebpf/lang'
import { type Cgroup, type KernelCap, type Pid, TaskStruct, Upid } from './kernel-types.ts'

/** PF_KTHREAD in include/linux/sched.h. */
const kernelThread = 0x00200000
const noLoginUid = 0xffffffff

export function isKernelThread(task: Ptr<TaskStruct>): Condition {
  return task.flags.has(kernelThread)
}

/** Which hierarchy tells a process's container: version 2, or a controller of version 1. */
export type CgroupHierarchy =
  | { readonly version: 2 }
  | { readonly version: 1; readonly controller: number; readonly name: string }

export function cgroupOf(task: Ptr<TaskStruct>, hierarchy: CgroupHierarchy): Ptr<Cgroup> {
  const { cgroups } = task
  return hierarchy.version === 2 ? cgroups.dfl_cgrp : cgroups.subsys.at(hierarchy.controller).cgroup
}

export function loginUid(k: Code, task: Ptr<TaskStruct>): Int {
  return k.hasField(TaskStruct, 'loginuid') ? task.loginuid.val : k.constant(noLoginUid)
}

/** The innermost pid namespace's entry of a pid: the process's number there. */
function innermost(k: Code, pid: Ptr<Pid>): Ptr<Upid> {
  const at = pid.level.mul(k.layout(Upid).size)
  return k.cast(Upid, k.addressOf(pid, 'numbers').add(at))
}

/** The pid in the process's own namespace; 0 in the host's, as the API has it. */
export function namespacePid(k: Code, task: Ptr<TaskStruct>): Int {
  const pid = task.thread_pid
  const result = k.variable(0)
  k.when(pid.level.ne(0), () => result.set(innermost(k, pid).nr))
  return result
}

/** Numbers of the namespaces in the order of `namespaceNames`. */
export function namespaces(k: Code, task: Ptr<TaskStruct>): Int[] {
  const { nsproxy, thread_pid, cred } = task
  return [
    nsproxy.uts_ns.ns.inum,
    nsproxy.ipc_ns.ns.inum,
    nsproxy.mnt_ns.ns.inum,
    innermost(k, thread_pid).ns.ns.inum,
    nsproxy.pid_ns_for_children.ns.inum,
    nsproxy.net_ns.ns.inum,
    nsproxy.time_ns.ns.inum,
    nsproxy.time_ns_for_children.ns.inum,
    nsproxy.cgroup_ns.ns.inum,
    cred.user_ns.ns.inum,
  ]
}

/** The three capability sets as 64-bit masks. */
export function capabilities(k: Code, task: Ptr<TaskStruct>) {
  const { cred } = task
  const mask = (set: KernelCap): Int =>
    hasWideCaps(k) ? set.val : set.cap.at(1).shiftLeft(32).or(set.cap.at(0))
  return {
    permitted: mask(cred.cap_permitted),
    effective: mask(cred.cap_effective),
    inheritable: mask(cred.cap_inheritable),
  }
}

function hasWideCaps(k: Code): boolean {
  const cred = k.layout({ name: 'cred' }).member('cap_effective')
  return cred?.type.kind === 'struct' && cred.type.layout.member('val') !== undefined
}

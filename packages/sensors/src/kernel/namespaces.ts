import type { Code, Int, Ptr } from '@tetragon-ts/ebpf/lang'
import type { NamespaceName } from '@tetragon-ts/policy'
import { type NsProxy, type Pid, Upid } from './types.ts'

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

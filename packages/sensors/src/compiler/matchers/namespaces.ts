import type { Int, Ptr } from '@tetragon-ts/ebpf/lang'
import type { NamespaceType } from '@tetragon-ts/policy'
import type { TaskStruct } from '../../kernel/types.ts'
import type { Hit } from '../hit.ts'
import { isOneOf } from '../operators/integer.ts'
import type { Matcher } from './matcher.ts'
import { innermostPidNamespace } from './pid-namespace.ts'

/** Inode number of a namespace that the task is in now. */
export function namespaceOf({ k, task }: Hit, type: NamespaceType): Int {
  const { nsproxy, cred } = task as Ptr<TaskStruct>
  switch (type) {
    case 'Uts':
      return nsproxy.uts_ns.ns.inum
    case 'Ipc':
      return nsproxy.ipc_ns.ns.inum
    case 'Mnt':
      return nsproxy.mnt_ns.ns.inum
    case 'Pid':
      return innermostPidNamespace(k, task)
    case 'PidForChildren':
      return nsproxy.pid_ns_for_children.ns.inum
    case 'Net':
      return nsproxy.net_ns.ns.inum
    case 'Time':
      return nsproxy.time_ns.ns.inum
    case 'TimeForChildren':
      return nsproxy.time_ns_for_children.ns.inum
    case 'Cgroup':
      return nsproxy.cgroup_ns.ns.inum
    case 'User':
      return cred.user_ns.ns.inum
  }
}

/** matchNamespaces: namespaces of the task as it is now. */
export const namespacesMatcher: Matcher = {
  conditions: ({ namespaces }, hit, context) =>
    namespaces.map(({ path, namespace, negated, values }) => ({
      path,
      make() {
        const numbers = values.map((value) =>
          BigInt(value === 'host_ns' ? context.hostNamespace(namespace) : value),
        )
        const found = isOneOf(namespaceOf(hit, namespace), numbers, context)
        return negated ? found.not() : found
      },
    })),
}

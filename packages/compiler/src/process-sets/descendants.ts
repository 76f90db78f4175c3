import type { Membership } from '../hook/membership.ts'
import { isOneOf } from '../operators/integer.ts'
import { hasJoinedPidNamespace, namespacePid } from './pid-namespace.ts'

/**
 * The processes with one of these pids, and their descendants. Namespace pids of the host's pid
 * namespace never match. A process that joins another pid namespace (setns, as `kubectl exec` does)
 * is not a descendant by namespace pids: on a node in a container, the first process of the node
 * would be an ancestor of all processes.
 */
export function descendants(pids: readonly number[], isNamespacePid: boolean): Membership {
  const sorted = [...new Set(pids)].sort((a, b) => a - b)
  return {
    key: `descendants ${isNamespacePid ? 'namespace' : 'host'} ${sorted.join()}`,
    decidedAt: 'fork',
    inherited: true,
    ...(isNamespacePid && {
      leaves: (k, parent, child) => hasJoinedPidNamespace(k, parent, child),
    }),
    needsScratch: false,
    isMember(task, context) {
      const { k } = context
      const pid = isNamespacePid ? namespacePid(k, task) : task.tgid
      return isOneOf(pid, sorted.map(BigInt), context)
    },
  }
}

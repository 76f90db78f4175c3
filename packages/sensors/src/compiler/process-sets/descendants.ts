import { namespacePid } from '../matchers/pid-namespace.ts'
import { isOneOf } from '../operators/integer.ts'
import type { Membership } from './process-set.ts'

/**
 * The processes with one of these pids, and their descendants. Namespace pids of the host's pid
 * namespace never match.
 */
export function descendants(pids: readonly number[], isNamespacePid: boolean): Membership {
  const sorted = [...new Set(pids)].sort((a, b) => a - b)
  return {
    key: `descendants ${isNamespacePid ? 'namespace' : 'host'} ${sorted.join()}`,
    decidedAt: 'fork',
    inherited: true,
    needsScratch: false,
    isMember(task, context) {
      const { k } = context
      const pid = isNamespacePid ? namespacePid(k, task) : task.tgid
      return isOneOf(pid, sorted.map(BigInt), context)
    },
  }
}

import type { Int, Ptr } from '@tetragon-ts/ebpf/lang'
import { type NamespaceType, namespaces } from '@tetragon-ts/policy'
import type { TaskStruct } from '@tetragon-ts/sensors/kernel/types'
import { namespaceNumber } from '@tetragon-ts/sensors/process/identity'
import type { Hit } from '../hook/hit.ts'
import { isOneOf } from '../operators/integer.ts'
import { innermostPidNamespace } from '../process-sets/pid-namespace.ts'
import type { Matcher } from './matcher.ts'

/** Inode number of a current namespace of the task. */
export function namespaceOf({ k, task }: Hit, type: NamespaceType): Int {
  const { nsproxy, cred } = task as Ptr<TaskStruct>
  return namespaceNumber[namespaces[type]]({
    nsproxy,
    pid: () => innermostPidNamespace(k, task),
    user: () => cred.user_ns.ns.inum,
  })
}

/** matchNamespaces: current namespaces of the task. */
export const namespacesMatcher: Matcher = {
  conditions: (selector, hit, context) =>
    selector.namespaces.map(({ path, namespace, negated, values }) => ({
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

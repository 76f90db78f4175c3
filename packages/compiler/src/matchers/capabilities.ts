import type { Condition, Int, Ptr } from '@tetragon-ts/ebpf/lang'
import type { CapabilityMatch } from '@tetragon-ts/policy'
import type { TaskStruct } from '@tetragon-ts/sensors/kernel/types'
import { capabilityMask } from '@tetragon-ts/sensors/process/identity'
import type { Hit } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import type { Matcher } from './matcher.ts'

/** A current capability set of the task. */
export function capabilitiesOf({ k, task }: Hit, type: CapabilityMatch['type']): Int {
  const { cred } = task as Ptr<TaskStruct>
  const set = {
    Effective: () => cred.cap_effective,
    Inheritable: () => cred.cap_inheritable,
    Permitted: () => cred.cap_permitted,
  }[type]()
  return capabilityMask(k, set)
}

/** matchCapabilities: whether the task currently has any of these. */
export const capabilitiesMatcher: Matcher = {
  conditions: ({ capabilities }, hit, context) =>
    capabilities.map(({ path, type, negated, mask, isNamespaceCapability }) => ({
      path,
      make() {
        const found = (): Condition => {
          const any = capabilitiesOf(hit, type).has(mask)
          return negated ? any.not() : any
        }
        return isNamespaceCapability ? isInOwnNamespace(hit, context).and(found) : found()
      },
    })),
}

/** Whether the credentials belong to a user namespace other than the host's. */
export function isInOwnNamespace({ task }: Hit, { hostNamespace }: HookContext): Condition {
  return task.cred.user_ns.ns.inum.ne(hostNamespace('User'))
}

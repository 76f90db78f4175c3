import type { Condition, Int, Ptr } from '@tetragon-ts/ebpf/lang'
import type { CapabilityMatch } from '@tetragon-ts/policy'
import type { TaskStruct } from '../../kernel/types.ts'
import { capabilityMask } from '../../process/identity.ts'
import type { Hit } from '../hit.ts'
import type { HookContext } from '../hook-context.ts'
import type { Matcher } from './matcher.ts'

/** A capability set that the task has now. */
export function capabilitiesOf({ k, task }: Hit, type: CapabilityMatch['type']): Int {
  const { cred } = task as Ptr<TaskStruct>
  const set = {
    Effective: () => cred.cap_effective,
    Inheritable: () => cred.cap_inheritable,
    Permitted: () => cred.cap_permitted,
  }[type]()
  return capabilityMask(k, set)
}

/** matchCapabilities: whether the task has any of these now. */
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

/** Whether capabilities are those of a user namespace of its own, not of the host's. */
export function isInOwnNamespace({ task }: Hit, { hostNamespace }: HookContext): Condition {
  return task.cred.user_ns.ns.inum.ne(hostNamespace('User'))
}

import { byPolicy } from '../hook/refusal.ts'
import type { Means } from './means.ts'

/**
 * Programs at the calls of `spec.enforcers`, which do what a hook has left for the current thread.
 * By which means they do it is decided for each call.
 */
export const enforcerMeans: Means<'NotifyEnforcer', 'enforcer'> = {
  name: 'enforcer',
  guarantee: 'notifies',
  refuses(_, { anyTask, why }) {
    if (anyTask === undefined) return undefined
    return byPolicy(`the current process at ${why} need not be the one that acts: ${anyTask}`)
  },
  emit: (action, hit, { notifications, hookIndex }) => notifications?.leave(hit, action, hookIndex),
}

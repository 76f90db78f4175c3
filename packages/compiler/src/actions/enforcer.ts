import { enforcerMeans } from '../means/enforcer.ts'
import type { ActionModule } from './action.ts'

/** Means of the actions here. */
export const enforcerActionMeans = { enforcer: enforcerMeans }

const notifyEnforcer: ActionModule<'NotifyEnforcer'> = {
  enforcement: {
    counter: 'notify_enforcer',
    means: enforcerActionMeans,
    details: ({ error, signal }) => ({
      ...(error === 0 ? {} : { error }),
      ...(signal === 0 ? {} : { signal }),
    }),
  },
}

const cleanup: ActionModule<'CleanupEnforcerNotification'> = {
  kernel: {
    uses: () => [],
    suppresses: () => false,
    needsScratch: false,
    emit: (_, { hit, context: { notifications, hookIndex } }) =>
      notifications?.cancel(hit, hookIndex),
  },
}

/** Actions that work together with `spec.enforcers`. */
export const enforcerActions = {
  NotifyEnforcer: notifyEnforcer,
  CleanupEnforcerNotification: cleanup,
}

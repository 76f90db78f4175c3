import {
  type ActionContext,
  type ActionDocumentWith,
  type ActionFamily,
  everywhere,
} from './action.ts'
import { resultFields } from './override.ts'
import { signalFields, signalOf } from './signals.ts'

const fields = { ...resultFields, ...signalFields }

/** Effect of the enforcer on the call and its process: at least one of them. */
export interface NotifyValues {
  /** Negative error number that the call returns; 0: it is not replaced. */
  readonly error: number
  /** 0: none. */
  readonly signal: number
}

const sections = everywhere.filter((section) => section !== 'lsmhooks')

export const enforcerActions = {
  NotifyEnforcer: {
    effect: 'enforce',
    sections,
    fields,
    crdPosition: 10,
    doc: 'Stops the current call of the thread at the calls of `spec.enforcers`.',
    check(document: ActionDocumentWith<typeof fields>, context: ActionContext): NotifyValues {
      const { at, argError, argSig } = document
      const { findings } = context.check
      if ((argError ?? 0) === 0 && (argSig ?? 0) === 0) {
        const message = 'argError and argSig are missing: NotifyEnforcer requires one of them'
        findings.error(at, 'POLICY_MISSING_FIELD', message)
      }
      if (context.spec.enforcers.length === 0) {
        const message = 'NotifyEnforcer requires spec.enforcers'
        findings.error(`${at}.action`, 'POLICY_ACTION', message)
      }
      return { error: argError ?? 0, signal: signalOf(document, context) }
    },
  },
  CleanupEnforcerNotification: {
    effect: 'observe',
    sections,
    fields: {},
    crdPosition: 11,
    doc: 'Cancels NotifyEnforcer for the thread.',
    check: (): object => ({}),
  },
} satisfies ActionFamily

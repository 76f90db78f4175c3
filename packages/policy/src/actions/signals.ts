import { uint32 } from '../fields/schema.ts'
import {
  type ActionContext,
  type ActionDocumentWith,
  type ActionFamily,
  everywhere,
  missing,
} from './action.ts'

export const signalFields = {
  argSig: uint32('Signal, NotifyEnforcer: number of the signal; 0: none.'),
}
type Document = ActionDocumentWith<typeof signalFields>

/** The signal that Signal sends. */
export interface SignalValues {
  readonly signal: number
}

/** The signal of an action, 0 if it has none. */
export function signalOf({ at, argSig }: Document, { check }: ActionContext): number {
  const signal = argSig ?? 0
  if (signal > 64) {
    const message = `invalid signal ${signal} (1 to 64)`
    check.findings.error(`${at}.argSig`, 'POLICY_RANGE', message)
  }
  return signal
}

export const signalActions = {
  Sigkill: {
    effect: 'enforce',
    sections: everywhere,
    fields: {},
    crdPosition: 2,
    doc: 'Kills the process.',
    check: (): object => ({}),
  },
  Signal: {
    effect: 'enforce',
    sections: everywhere,
    fields: signalFields,
    crdPosition: 7,
    doc: 'Sends a signal to the process.',
    check(document: Document, context: ActionContext): SignalValues {
      if ((document.argSig ?? 0) === 0) missing(document, 'argSig', context)
      return { signal: signalOf(document, context) }
    },
  },
} satisfies ActionFamily

import type { Located } from '../arguments/located.ts'
import { inCrdOrder } from '../fields/crd-order.ts'
import type { ActionContext, ActionFacts } from './action.ts'
import type { ActionDocument } from './action-schema.ts'
import { enforcerActions } from './enforcer.ts'
import { followFdActions } from './follow-fd.ts'
import { overrideActions } from './override.ts'
import { postActions } from './post.ts'
import { probeArgumentActions } from './probe-arguments.ts'
import { requestActions } from './requests.ts'
import { signalActions } from './signals.ts'
import { trackSockActions } from './track-sock.ts'

// The families of actions, and what follows from them. A new action is an entry in its family; this
// file changes only for a new family.

/** In the order of their fields in the schema. */
const families = {
  ...followFdActions,
  ...requestActions,
  ...overrideActions,
  ...signalActions,
  ...enforcerActions,
  ...trackSockActions,
  ...probeArgumentActions,
  ...postActions,
}
type Families = typeof families

export type ActionName = keyof Families

/** Properties of an action besides its name. Positions are those of the hook's `args`. */
export type ActionValues = { readonly [N in ActionName]: ReturnType<Families[N]['check']> }

/** An action of a selector: one of the actions `N`. */
export type Action<N extends ActionName = ActionName> = {
  readonly [A in N]: Located & { readonly action: A } & ActionValues[A]
}[N]

interface Checked<V> extends ActionFacts {
  readonly check: (document: ActionDocument, context: ActionContext) => V
}

/** All actions. */
export const actions: { readonly [N in ActionName]: Checked<ActionValues[N]> } = families

/** Names of all actions, in the order of the CRD. */
export const actionNames: readonly ActionName[] = inCrdOrder(actions)

/** The name of an action in events: a KprobeAction, unless Tetragon's API has none for it. */
export function actionInEvents(action: string): string {
  return `KPROBE_ACTION_${action.toUpperCase()}`
}

type Both<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer A) => void
  ? A
  : never
type ActionFields = Both<Families[ActionName]['fields']>

/** The fields of all actions. @throws Error if two families declare a field differently */
function allFields(): ActionFields {
  const all: Record<string, unknown> = {}
  for (const { fields } of Object.values(actions)) {
    for (const [name, schema] of Object.entries(fields)) {
      const isOther = name in all && all[name] !== schema
      if (isOther) throw new Error(`field ${name} is declared twice`)
      all[name] = schema
    }
  }
  return all as ActionFields
}

/** The fields of all actions. */
export const actionFields: ActionFields = allFields()

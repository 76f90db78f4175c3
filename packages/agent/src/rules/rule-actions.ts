import type { ActionState, Finding } from '@tetragon-ts/api'
import type { Rule } from '@tetragon-ts/rules'

/** Whether the actions of rules are in force, by id of the rule; by title without one. */
export type ActionStates = ReadonlyMap<string, ActionState>

/** What findings say about the action of their rule. */
export class RuleActions {
  /** A rule without a state has no policy in the kernel. */
  states: ActionStates = new Map()

  of({ id, title, action }: Rule): Pick<Finding, 'action' | 'action_state'> {
    if (action === undefined) return {}
    return { action: action.name, action_state: this.states.get(id ?? title) ?? 'not_in_force' }
  }
}

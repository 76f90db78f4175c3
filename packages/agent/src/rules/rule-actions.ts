import type { ActionState, Finding } from '@tetragon-ts/api'
import { type Rule, ruleKey } from '@tetragon-ts/rules'

/** Whether the actions of rules are in force, by the key of the rule. */
export type ActionStates = ReadonlyMap<string, ActionState>

/** What findings say about the action of their rule. */
export class RuleActions {
  /** A rule without a state has no policy in the kernel. */
  states: ActionStates = new Map()

  of(rule: Rule): Pick<Finding, 'action' | 'action_state'> {
    if (rule.action === undefined) return {}
    const action_state = this.states.get(ruleKey(rule)) ?? 'not_in_force'
    return { action: rule.action.name, action_state }
  }
}

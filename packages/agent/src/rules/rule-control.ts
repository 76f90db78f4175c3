import type { RuleGap, RulesInForce } from './rules-in-force.ts'

/** What is in force. */
export interface ListedRules {
  readonly inForce: RulesInForce
  /** Whether the agent has started and its first rules are not in force yet. */
  readonly isStarting: boolean
  /** Names of what was added. */
  readonly added: readonly string[]
  /** Hooks that rules need and that are not there. */
  readonly unseen: readonly RuleGap[]
}

/** Rules of the API server. */
export interface RuleObjects {
  /**
   * Replaces the rules of all objects, which are texts by name; fulfilled when those without errors
   * are in force.
   * @returns the errors of each object that has some, as `LINE:COLUMN: error`
   * @throws AgentError AGENT_RULES if that takes too much memory or time: the rules are as before
   */
  setObjects(texts: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, readonly string[]>>
}

/** Detection rules as clients see them. */
export interface RuleControl {
  /**
   * Puts the rules of a text into force, instead of those of the same name; fulfilled when they
   * are.
   * @returns the number of all rules in force
   * @throws RequestError if one of them has an error: then nothing changes
   */
  add(name: string, text: string): Promise<number>
  /** @throws RequestError if no rules of this name were added */
  remove(name: string): Promise<number>
  /** What is in force, and the names of what was added. */
  list(): ListedRules
}

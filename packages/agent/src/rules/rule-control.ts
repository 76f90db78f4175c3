import type { RulesInForce, UnseenHook } from './rules-in-force.ts'

/** What is in force. */
export interface ListedRules {
  readonly inForce: RulesInForce
  /** Names of what was added. */
  readonly added: readonly string[]
  /** Hooks that rules need and that are not there. */
  readonly unseen: readonly UnseenHook[]
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

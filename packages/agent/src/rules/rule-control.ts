import type { RulesInForce } from './rules-in-force.ts'

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
  list(): { readonly inForce: RulesInForce; readonly added: readonly string[] }
}

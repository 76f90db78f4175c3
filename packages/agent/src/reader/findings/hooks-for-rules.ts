import type { HookDescription } from '@tetragon-ts/compiler/hooks'

/** A hook whose events are looked at: its policy, message and tags do not change. */
export type ObservedHook = Pick<HookDescription, 'id' | 'functions' | 'onlyFindings'>

/** Hooks of policies that are loaded for detection rules. */
export class HooksForRules {
  readonly #functions = new Map<number, readonly string[]>()

  add({ id, functions, onlyFindings }: ObservedHook): void {
    if (onlyFindings) this.#functions.set(id, functions)
  }

  remove(id: number): void {
    this.#functions.delete(id)
  }

  /**
   * Whether another policy, which is loaded for rules, posts a call of a function that this hook
   * has posted: rules look at that event alone, so that no call is counted twice.
   */
  concern({ onlyFindings }: ObservedHook, name: string): boolean {
    if (onlyFindings || this.#functions.size === 0) return false
    for (const functions of this.#functions.values()) if (functions.includes(name)) return true
    return false
  }
}

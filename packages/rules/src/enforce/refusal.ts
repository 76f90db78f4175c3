import type { FieldRef } from '../log-sources/field-ref.ts'
import type { WrittenAt } from '../model/expression.ts'

/** Why the kernel cannot decide a rule in time: a condition, and where it is. */
export interface Refusal {
  readonly reason: string
  readonly at?: WrittenAt | undefined
}

/** Collects refusals; the same reason at the same place once. */
export class Refusals {
  readonly #found = new Map<string, Refusal>()

  add(reason: string, at?: WrittenAt): void {
    const key = `${at?.file}:${at?.line}:${at?.column}: ${reason}`
    if (!this.#found.has(key)) this.#found.set(key, { reason, at })
  }

  /** Refuses a test of a field. */
  addTest({ written }: FieldRef, reason: string, at?: WrittenAt): void {
    this.add(`${written}: ${reason}`, at)
  }

  get all(): readonly Refusal[] {
    return [...this.#found.values()]
  }
}

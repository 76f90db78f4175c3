import type { PolicyId } from '../../registry/policy-control.ts'
import type { PolicyEntry } from '../../registry/policy-entry.ts'
import { keyOf } from '../../registry/policy-id.ts'
import { type ReportedPolicy, reportedState } from './node-status.ts'
import type { PolicyObject } from './policy-object.ts'

/**
 * The policies of the API as they were applied last: the state of an entry is that of this version,
 * while a newer one may wait.
 */
export class AppliedPolicies {
  readonly #policies = new Map<
    string,
    { readonly ref: PolicyObject['ref']; readonly error: string }
  >()

  /** @param error why it could not be loaded; empty: it was */
  set({ id, ref }: PolicyObject, error: string): void {
    this.#policies.set(keyOf(id), { ref, error })
  }

  delete(id: PolicyId): void {
    this.#policies.delete(keyOf(id))
  }

  /** Their states for reports. @param entries the entries of their source */
  reported(entries: readonly PolicyEntry[]): ReportedPolicy[] {
    const byKey = new Map(entries.map((entry) => [keyOf(entry.id), entry]))
    return [...this.#policies].flatMap(([key, { ref, error }]) => {
      const entry = byKey.get(key)
      // Without an entry, its name is illegal or in use.
      const state = entry === undefined ? 'failed' : reportedState(entry)
      if (ref === undefined || state === undefined) return []
      return { ref, state, error: entry?.error || error }
    })
  }
}

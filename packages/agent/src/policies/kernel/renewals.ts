import type { PolicyDocument } from '@tetragon-ts/policy'
import type { LoadedPolicy } from './loaded-policy.ts'
import { RenewalPace } from './renewal-pace.ts'

/** What compiles policies again. */
export interface RenewingPolicies {
  /** @param current the policy as it is when its turn comes */
  renew(policy: LoadedPolicy, current: () => PolicyDocument): Promise<void>
  isLoaded(policy: LoadedPolicy): boolean
  warn(message: string): void
}

/** Compiles policies again, for files that they have no program for, or links that have changed. */
export class Renewals {
  readonly #policies: RenewingPolicies
  /** By the id of the policy, which remains the same. */
  readonly #paces = new Map<number, RenewalPace>()

  constructor(policies: RenewingPolicies) {
    this.#policies = policies
  }

  /** Renews a policy at its pace. */
  plan(policy: LoadedPolicy): void {
    const pace = this.#paces.get(policy.policyId) ?? new RenewalPace()
    this.#paces.set(policy.policyId, pace)
    pace.plan(() => this.now(policy))
  }

  /** Renews a policy as the next change; after an error it is tried again. */
  now(policy: LoadedPolicy): void {
    const { document } = policy.compiled
    const current = (): PolicyDocument => {
      const { mode, isAtLimit } = policy
      return document.withMode(isAtLimit ? 'monitor' : mode)
    }
    this.#policies.renew(policy, current).catch((error: Error) => {
      const { name } = document.policy
      this.#policies.warn(`attach policy ${name} again: ${error.message}; it is tried again`)
      if (this.#policies.isLoaded(policy)) this.plan(policy)
    })
  }

  /** Drops what is planned for a policy that was removed. */
  forget(policyId: number): void {
    this.#paces.get(policyId)?.cancel()
    this.#paces.delete(policyId)
  }

  /** Drops all that is planned. */
  close(): void {
    for (const pace of this.#paces.values()) pace.cancel()
  }
}

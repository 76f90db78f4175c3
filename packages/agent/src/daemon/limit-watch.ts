import { RepeatedAction } from '@tetragon-ts/service/timers'
import type { PolicyRegistry } from '../policies/registry/policy-registry.ts'

/** Interval of the checks, in milliseconds. */
const interval = 500

/** Sets the mode of policies that the kernel no longer enforces because of their limit. */
export class LimitWatch implements Disposable {
  readonly #registry: Pick<PolicyRegistry, 'applyLimits'>
  readonly #warn: (message: string) => void
  readonly #checks: RepeatedAction

  constructor(registry: Pick<PolicyRegistry, 'applyLimits'>, warn: (message: string) => void) {
    this.#registry = registry
    this.#warn = warn
    const check = (): Promise<void> => this.check()
    this.#checks = new RepeatedAction('apply limits of policies', interval, check, warn)
  }

  /** Warns about each such policy once. */
  async check(): Promise<void> {
    for (const message of await this.#registry.applyLimits()) this.#warn(message)
  }

  [Symbol.dispose](): void {
    this.#checks[Symbol.dispose]()
  }
}

import type { PolicyRegistry } from '../policies/registry/policy-registry.ts'

/** Interval of the checks, in milliseconds. */
const interval = 500

/** Sets the mode of policies that the kernel no longer enforces because of their limit. */
export class LimitWatch implements Disposable {
  readonly #registry: Pick<PolicyRegistry, 'applyLimits'>
  readonly #warn: (message: string) => void
  readonly #timer: NodeJS.Timeout

  constructor(registry: Pick<PolicyRegistry, 'applyLimits'>, warn: (message: string) => void) {
    this.#registry = registry
    this.#warn = warn
    this.#timer = setInterval(() => void this.check(), interval).unref()
  }

  /** Warns about each such policy once. */
  async check(): Promise<void> {
    for (const message of await this.#registry.applyLimits()) this.#warn(message)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}

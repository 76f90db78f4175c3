import { isFtraceOff } from '@tetragon-ts/sensors'
import { RepeatedAction } from '@tetragon-ts/service/timers'

/** Interval of the checks, in milliseconds. */
const interval = 1000

/** Warns if the hooks of policies do not run any more because root has switched ftrace off. */
export class HookWatch implements Disposable {
  readonly #hasPolicies: () => boolean
  readonly #warn: (message: string) => void
  readonly #checks: RepeatedAction
  #isOff = false

  constructor(hasPolicies: () => boolean, warn: (message: string) => void) {
    this.#hasPolicies = hasPolicies
    this.#warn = warn
    const check = (): void => this.check()
    this.#checks = new RepeatedAction('check whether hooks run', interval, check, warn)
  }

  /** Warns if that has changed since the last check. */
  check(): void {
    const [hasPolicies, isOff] = [this.#hasPolicies(), isFtraceOff()]
    const hasChanged = hasPolicies && isOff !== this.#isOff
    this.#isOff = hasPolicies && isOff
    if (!hasChanged) return
    this.#warn(
      isOff
        ? 'kernel.ftrace_enabled is 0: the kernel does not run hooks at functions and LSM hooks, so ' +
            'policies with them are not in force; set it to 1'
        : 'hooks at functions and LSM hooks are in force again',
    )
  }

  [Symbol.dispose](): void {
    this.#checks[Symbol.dispose]()
  }
}

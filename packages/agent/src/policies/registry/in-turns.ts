import { setImmediate as turn } from 'node:timers/promises'
import type { Pause } from '@tetragon-ts/ebpf/steps'

/** How long steps may hold up other calls, in milliseconds; a single step may take longer. */
const sliceMs = 10

/** Who watches steps. */
export interface StepWatcher {
  /** A part of the work is done. */
  onPart?(): void
  /** @returns an error that is thrown into the steps instead of the next one */
  stopped?(): Error | undefined
}

/**
 * Runs steps in turns of the event loop, so that calls are answered in between: each part, and
 * whatever would take too long, in a turn of its own.
 */
export async function inTurns<Result>(
  steps: Generator<Pause, Result>,
  watcher: StepWatcher = {},
): Promise<Result> {
  let since = performance.now()
  let step = steps.next()
  while (!step.done) {
    const { value } = step
    if (value instanceof Promise) {
      // The result is delivered in any case: the steps own it, such as a program in the kernel.
      step = await value.then(
        (result) => steps.next(result),
        (error) => steps.throw(error),
      )
      since = performance.now()
      continue
    }
    if (value === 'part' || performance.now() - since >= sliceMs) {
      await turn()
      since = performance.now()
    }
    if (value === 'part') watcher.onPart?.()
    const error = watcher.stopped?.()
    step = error === undefined ? steps.next() : steps.throw(error)
  }
  return step.value
}

/** A load of a policy that is under way in such steps: its progress, and whether it continues. */
export class Loading {
  #done = 0
  #total = 0
  #isCancelled = false

  /** Steps that are done: each hook is compiled, loaded and attached. */
  get done(): number {
    return this.#done
  }

  /** 0: not known yet. */
  get total(): number {
    return this.#total
  }

  /** Whether the policy was deleted in the meantime. */
  get isCancelled(): boolean {
    return this.#isCancelled
  }

  /** The load has begun, perhaps again with other back ends. */
  begin(total: number): void {
    this.#done = 0
    this.#total = total
  }

  advance(): void {
    if (this.#done < this.#total) this.#done++
  }

  cancel(): void {
    this.#isCancelled = true
  }
}

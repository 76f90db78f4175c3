import { type PauseOptions, pause } from '../timers/pause.ts'
import { jittered } from './jitter.ts'

/** Growing pauses between attempts, in milliseconds; each is {@link jittered}. */
export interface BackoffMs {
  /** The mean of the first pause. */
  readonly min: number
  /** The mean that they grow to; a pause can take half as long again. */
  readonly max: number
  /** Factor between two pauses; 2 by default. */
  readonly growth?: number
}

/**
 * The pause after a failure, in milliseconds.
 * @param failures number of failures in a row
 * @param random from 0 to 1
 */
export function backoffMs(
  { min, max, growth = 2 }: BackoffMs,
  failures: number,
  random?: number,
): number {
  return jittered(Math.min(min * growth ** (failures - 1), max), undefined, random)
}

/** Exponential backoff: the pauses of one task. */
export class Backoff {
  readonly #ms: BackoffMs
  #failures = 0

  constructor(ms: BackoffMs) {
    this.#ms = ms
  }

  /** The next pause, in milliseconds. */
  next(): number {
    return backoffMs(this.#ms, ++this.#failures)
  }

  /** Waits for the next pause. */
  pause(options?: PauseOptions): Promise<void> {
    return pause(this.next(), options)
  }

  /** After a success: the next pause is the first one again. */
  reset(): void {
    this.#failures = 0
  }
}

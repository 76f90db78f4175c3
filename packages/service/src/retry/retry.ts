import type { PauseOptions } from '../timers/pause.ts'
import { Backoff, type BackoffMs } from './backoff.ts'

/** When an action is tried again. The signal ends the attempts. */
export interface RetryOptions extends PauseOptions {
  readonly pauses: BackoffMs
  /**
   * Whether there is another attempt; default: always. Not asked once the signal was aborted.
   * @param failures number of failed attempts
   */
  again?(error: Error, failures: number): boolean
}

/**
 * Repeats an action until it succeeds.
 * @throws the error of the last attempt; the signal's reason if it was aborted in a pause
 */
export async function retry<Result>(
  action: () => Promise<Result>,
  { pauses, again, ...options }: RetryOptions,
): Promise<Result> {
  const backoff = new Backoff(pauses)
  for (let failures = 1; ; failures++) {
    try {
      return await action()
    } catch (error) {
      const isEnded = options.signal?.aborted === true
      if (isEnded || again?.(error as Error, failures) === false) throw error
    }
    await backoff.pause(options)
    options.signal?.throwIfAborted()
  }
}

import { setTimeout as sleep } from 'node:timers/promises'

/** Options of a pause. */
export interface PauseOptions {
  /** Ends the pause early, without an error. */
  readonly signal?: AbortSignal
  /** Whether the pause keeps the process alive; true by default. */
  readonly ref?: boolean
}

/** Longer times would end after a millisecond. */
const longestMs = 2 ** 31 - 1

/** Waits for a time in milliseconds, at most 24 days, or until the signal is aborted. */
export async function pause(ms: number, { signal, ref = true }: PauseOptions = {}): Promise<void> {
  // The only error is that of the signal.
  await sleep(Math.min(ms, longestMs), undefined, { signal, ref }).catch(() => {})
}

/**
 * Waits until work is done, but no longer than a time in milliseconds.
 * @param work never rejected; undefined: there is none
 */
export function pauseUntil(work: Promise<void> | undefined, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    work?.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}

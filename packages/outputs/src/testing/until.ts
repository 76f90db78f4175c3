import { pause } from '@tetragon-ts/service/timers'

/** Milliseconds, on a busy machine too. */
export const limitMs = 60_000

/** Waits until a condition holds. @throws Error after a minute */
export async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + limitMs
  while (!condition()) {
    if (performance.now() > end) throw new Error(`${limitMs} ms without: ${condition}`)
    await pause(1)
  }
}

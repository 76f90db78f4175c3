import { setTimeout as sleep } from 'node:timers/promises'
import { pollMs } from './guest.ts'

/** Milliseconds: emulated processors take many seconds to start an agent. */
const limitMs = 90_000

/**
 * Waits until something is there.
 * @param what its name for the error: `the server`
 * @param find returns nothing, or false, until it is there
 * @returns what it has found
 */
export async function until<T>(
  what: string,
  find: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const deadline = performance.now() + limitMs
  for (;;) {
    const found = await find()
    if (found) return found
    if (performance.now() > deadline) throw new Error(`wait for ${what}: ${limitMs} ms are over`)
    await sleep(pollMs)
  }
}

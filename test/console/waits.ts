import { afterEach, before } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BrowserContext } from 'playwright-core'

/** Milliseconds that a wait takes at most, on a busy machine too. */
const waitMs = 60_000
/** The same after a failed case: the cases after it find another page than they expect. */
const afterFailureMs = 10_000
const pollMs = 20

const contexts = new Set<BrowserContext>()
let limitMs = waitMs

function limitTo(ms: number): void {
  limitMs = ms
  for (const context of contexts) context.setDefaultTimeout(ms)
}

/** Declares hooks for a test file: its first failed case may wait long, those after it may not. */
export function hurryAfterFailure(): void {
  before(() => limitTo(waitMs))
  afterEach((t) => {
    if ('passed' in t && !t.passed) limitTo(afterFailureMs)
  })
}

/** Limits what the pages of a context wait for. */
export function limitWaits(context: BrowserContext): void {
  contexts.add(context)
  context.once('close', () => contexts.delete(context))
  context.setDefaultTimeout(limitMs)
}

/**
 * Waits for a state without an event.
 * @throws Error after the time of the other waits
 */
export async function waitUntil(isDone: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + limitMs
  while (!(await isDone())) {
    if (performance.now() > end) throw new Error(`${limitMs} ms without: ${isDone}`)
    await sleep(pollMs)
  }
}

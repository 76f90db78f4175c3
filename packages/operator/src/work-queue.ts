import { type BackoffMs, backoffMs } from '@tetragon-ts/service/retry'

/** What a queue does with its keys. */
export interface Work {
  run(key: string, signal: AbortSignal): Promise<void>
  /** @param attempt 1 for the first failure of the key since its last success */
  failed(key: string, error: Error, attempt: number): void
}

/** Number of keys that are worked on at the same time. */
const workers = 4
/** Failures in a row after which all work pauses: the reason is the server, not the key. */
const failuresInARow = 8

/**
 * Keys that need work. Each is in the queue once, and is worked on once at a time. Failed keys
 * return after a while; until then, adding them has no effect.
 */
export class WorkQueue {
  readonly #work: Work
  readonly #signal: AbortSignal
  readonly #retryMs: BackoffMs
  readonly #ready = new Set<string>()
  readonly #running = new Map<string, Promise<void>>()
  /** Keys that wait for their next attempt. */
  readonly #later = new Set<string>()
  readonly #attempts = new Map<string, number>()
  #failures = 0
  #isPaused = false

  /** @param signal ends the work */
  constructor(work: Work, signal: AbortSignal, retryMs: BackoffMs = { min: 1000, max: 300_000 }) {
    this.#work = work
    this.#signal = signal
    this.#retryMs = retryMs
  }

  /** Number of keys that wait or are worked on. */
  get size(): number {
    return this.#ready.size + this.#running.size + this.#later.size
  }

  add(key: string): void {
    if (this.#later.has(key)) return
    this.#ready.add(key)
    this.#start()
  }

  /** Waits for the work that has begun; after the signal. */
  async close(): Promise<void> {
    await Promise.all(this.#running.values())
  }

  #start(): void {
    for (const key of this.#ready) {
      if (this.#isPaused || this.#signal.aborted || this.#running.size >= workers) return
      if (this.#running.has(key)) continue
      this.#ready.delete(key)
      this.#running.set(key, this.#run(key))
    }
  }

  async #run(key: string): Promise<void> {
    try {
      await this.#work.run(key, this.#signal)
      this.#attempts.delete(key)
      this.#failures = 0
    } catch (error) {
      if (!this.#signal.aborted) this.#fail(key, error as Error)
    }
    this.#running.delete(key)
    this.#start()
  }

  #fail(key: string, error: Error): void {
    const attempt = (this.#attempts.get(key) ?? 0) + 1
    this.#attempts.set(key, attempt)
    this.#work.failed(key, error, attempt)
    this.#ready.delete(key)
    this.#later.add(key)
    this.#after(attempt, () => {
      this.#later.delete(key)
      this.add(key)
    })
    const tooMany = ++this.#failures - failuresInARow
    if (tooMany <= 0 || this.#isPaused) return
    this.#isPaused = true
    this.#after(tooMany, () => {
      this.#isPaused = false
      this.#start()
    })
  }

  #after(failures: number, action: () => void): void {
    setTimeout(action, backoffMs(this.#retryMs, failures)).unref()
  }
}

import { mock } from 'node:test'

const longestMs = 2 ** 31 - 1

/** Timers of some lengths, which end when a test says so: a busy machine is never too slow. */
export class HeldTimers {
  readonly #held = new Map<unknown, { readonly ms: number; readonly end: () => void }>()
  readonly #restore: () => void

  /** @param lengths in milliseconds; other timers are real */
  constructor(...lengths: readonly number[]) {
    const { setTimeout: start, clearTimeout: clear } = globalThis
    const starting = mock.method(globalThis, 'setTimeout', (end: () => void, ms: number) => {
      if (!lengths.includes(ms)) return start(end, ms)
      const timer = start(end, longestMs).unref()
      this.#held.set(timer, { ms, end })
      return timer
    })
    const clearing = mock.method(globalThis, 'clearTimeout', (timer: NodeJS.Timeout) => {
      this.#held.delete(timer)
      clear(timer)
    })
    this.#restore = () => {
      starting.mock.restore()
      clearing.mock.restore()
    }
  }

  /** Ends all timers of a length. */
  end(length: number): void {
    for (const [timer, { ms, end }] of this.#held) {
      if (ms === length && this.#held.delete(timer)) end()
    }
  }

  [Symbol.dispose](): void {
    this.#restore()
  }
}

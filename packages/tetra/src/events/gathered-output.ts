import { once } from 'node:events'
import type { Writable } from 'node:stream'

/** Milliseconds between two writes of little data. */
const intervalMs = 100
/** Bytes that are written without delay. */
const enough = 2 ** 16

/**
 * Writes data without delay after a pause, and else gathers that of an interval. A write may
 * cause an event itself, here or where a terminal or a page receives it: with a write for each
 * event, the events of a policy that observes writes or sends would never end.
 */
export class GatheredOutput {
  readonly #output: Writable
  readonly #stop: AbortSignal
  #pieces: Uint8Array[] = []
  #size = 0
  #lastWrite = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  /** @param stop aborted when the output accepts nothing more */
  constructor(output: Writable, stop: AbortSignal) {
    this.#output = output
    this.#stop = stop
  }

  /** Fulfilled when there is room for more. @throws AbortError */
  async add(data: string | Uint8Array): Promise<void> {
    if (data.length === 0 || this.#stop.aborted) return
    const bytes = typeof data === 'string' ? Buffer.from(data) : data
    this.#pieces.push(bytes)
    this.#size += bytes.length
    const wait = this.#lastWrite + intervalMs - performance.now()
    if (this.#size >= enough || wait <= 0) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), wait)
    if (this.#output.writableNeedDrain) await once(this.#output, 'drain', { signal: this.#stop })
  }

  /** Writes what waits. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#size === 0 || this.#stop.aborted) return
    const [first, ...others] = this.#pieces
    const data = others.length === 0 ? first : Buffer.concat(this.#pieces)
    this.#pieces = []
    this.#size = 0
    this.#lastWrite = performance.now()
    this.#output.write(data)
  }
}

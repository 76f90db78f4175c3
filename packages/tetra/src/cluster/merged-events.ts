import { Readable } from 'node:stream'
import { EventMerge, type MergeLimits } from './event-merge.ts'
import { timeOfEvent } from './event-time.ts'

/**
 * The events of several agents in order of time, as one stream of events in wire form. If its
 * reader is slow, the sources wait, too, so that their agents count what is lost.
 */
export class MergedEvents extends Readable {
  readonly #merge: EventMerge
  #isWanted = false
  #hasEnded = false
  #timer: NodeJS.Timeout | undefined
  #room: PromiseWithResolvers | undefined

  constructor(limits: MergeLimits) {
    super({ objectMode: true, highWaterMark: 1 })
    this.#merge = new EventMerge(limits)
  }

  /** Number of events that were late. */
  get late(): number {
    return this.#merge.late
  }

  /** Number of events that wait. */
  get waiting(): number {
    return this.#merge.size
  }

  /** Adds an event of a source, which waits for the result before it adds the next one. */
  async add(chunk: Buffer): Promise<void> {
    if (this.#hasEnded) return
    this.#merge.add(chunk, timeOfEvent(chunk), performance.now())
    this.#flush()
    while (this.#merge.isFull && !this.#hasEnded && !this.destroyed) {
      this.#room ??= withResolvers()
      await this.#room.promise
    }
  }

  /** Passes on the events that wait, and ends. */
  finish(): void {
    this.#hasEnded = true
    this.#flush()
  }

  override _read(): void {
    this.#isWanted = true
    this.#flush()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#timer)
    this.#admit()
    done(error)
  }

  #flush(): void {
    clearTimeout(this.#timer)
    const now = (): number => (this.#hasEnded ? Number.POSITIVE_INFINITY : performance.now())
    while (this.#isWanted && !this.destroyed) {
      const chunk = this.#merge.take(now())
      if (chunk === undefined) break
      this.#isWanted = this.push(chunk)
    }
    if (this.#hasEnded && this.#merge.size === 0 && !this.destroyed) this.push(null)
    if (!this.#merge.isFull || this.#hasEnded) this.#admit()
    const due = this.#merge.dueIn(now())
    if (this.#isWanted && Number.isFinite(due)) {
      this.#timer = setTimeout(() => this.#flush(), Math.ceil(due))
    }
  }

  #admit(): void {
    this.#room?.resolve()
    this.#room = undefined
  }
}

interface PromiseWithResolvers {
  readonly promise: Promise<void>
  readonly resolve: () => void
}

function withResolvers(): PromiseWithResolvers {
  let resolve = (): void => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

import { Readable } from 'node:stream'
import { EventMerge, type MergeLimits } from './event-merge.ts'
import { originOfEvent } from './event-origin.ts'
import { NodeClocks } from './node-clocks.ts'

/**
 * The events of several agents in order of time, as one stream of events in wire form. If its
 * reader is slow, the sources wait, too, so that their agents count what is lost.
 */
export class MergedEvents extends Readable {
  readonly #merge: EventMerge
  readonly #report: (line: string) => void
  readonly #clocks: NodeClocks
  /** Nodes whose events name other nodes. */
  readonly #deceptive = new Set<string>()
  #isWanted = false
  #hasEnded = false
  #timer: NodeJS.Timeout | undefined
  #room: PromiseWithResolvers | undefined

  /** @param report writes a line about a node */
  constructor(limits: MergeLimits, report: (line: string) => void) {
    super({ objectMode: true, highWaterMark: 1 })
    this.#merge = new EventMerge(limits)
    this.#report = report
    this.#clocks = new NodeClocks(limits.windowMs / 2, (node, ms) => {
      const ahead = `its clock is ${Math.round(ms / 1000)} s ahead of those of other nodes`
      report(`node ${node}: ${ahead}; its events are in order of their arrival`)
    })
  }

  /** Number of events that were late. */
  get late(): number {
    return this.#merge.late
  }

  /** Number of events that wait. */
  get waiting(): number {
    return this.#merge.size
  }

  /**
   * Adds an event of a node, whose source waits for the result before it adds the next one.
   * @param source the node of the agent; the event may name another one
   */
  async add(chunk: Buffer, source: string): Promise<void> {
    if (this.#hasEnded || this.destroyed) return
    const { node, time } = originOfEvent(chunk)
    if (node !== source && node !== undefined) this.#foreign(source, node)
    const now = performance.now()
    this.#merge.add(chunk, time && this.#clocks.correct(source, time, now), now)
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
    // Events that wait would be due for ever.
    if (this.destroyed) return
    const now = (): number => (this.#hasEnded ? Number.POSITIVE_INFINITY : performance.now())
    while (this.#isWanted) {
      const chunk = this.#merge.take(now())
      if (chunk === undefined) break
      this.#isWanted = this.push(chunk)
    }
    if (this.#hasEnded && this.#merge.size === 0) this.push(null)
    if (!this.#merge.isFull || this.#hasEnded) this.#admit()
    const due = this.#merge.dueIn(now())
    if (this.#isWanted && Number.isFinite(due)) {
      this.#timer = setTimeout(() => this.#flush(), Math.ceil(due))
    }
  }

  /** Compact lines show the node that the event names. */
  #foreign(source: string, named: string): void {
    if (this.#deceptive.has(source)) return
    this.#deceptive.add(source)
    this.#report(`node ${source}: its events name the node ${named}`)
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

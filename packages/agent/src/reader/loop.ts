import { setImmediate as turn } from 'node:timers/promises'
import type { RingBufferReader } from '@tetragon-ts/ebpf/ringbuf'
import { bootEpochNs } from '@tetragon-ts/ebpf/sys'
import { pause, pauseUntil } from '@tetragon-ts/service/timers'
import { type CommandParts, ReaderCommands } from './commands.ts'
import { SinkClosed } from './outputs/sink.ts'
import type { RecordSource } from './record-dispatch.ts'

/** How often the clocks are compared, in milliseconds. */
const clockInterval = 10_000
/** Maximum number of records between checks of commands and the sink. */
const slice = 1024
/** How long a program may take to write a record, in milliseconds: it can be interrupted. */
const busyMaxMs = 1000

/**
 * How long an idle reader lets the event loop wait for a sink, in milliseconds: at most its sleep
 * between reads.
 */
const quietMs = 2
/** Size of the queue, in bytes, from which a busy reader interrupts its work for the sink. */
const worthwhile = 1 << 20
/** How long a busy reader waits for a queue that is half full and shrinking. */
const crowdedMs = 1

/** The parts of the loop. */
export interface LoopParts extends CommandParts {
  readonly source: RecordSource & Pick<RingBufferReader, 'wait' | 'close' | 'size'>
}

/**
 * Reads records until it is stopped or the receiver of events is gone. Commands are read when the
 * doorbell rings. The event loop runs only if a sink needs it, for a bounded time, and for one turn
 * every ten seconds. So neither the main thread nor the receiver of events can make the ring
 * overflow.
 */
export class ReaderLoop {
  readonly #parts: LoopParts
  #clockAt = Date.now()
  /** Bytes that the sink had written when it was waited for last. */
  #written = 0
  /** Position of the record that was waited for in vain last. */
  #givenUpAt: number | undefined
  readonly #commands: ReaderCommands

  constructor(parts: LoopParts) {
    this.#parts = parts
    this.#commands = new ReaderCommands(parts, () => this.#drainAll())
  }

  /** Runs until the end. @throws failures of the sink, except that it is closed */
  async run(): Promise<void> {
    const { source, pipeline, sink, report } = this.#parts
    try {
      pipeline.begin()
      let hasMore = false
      while (!this.#commands.isStopped) {
        const wakeup = source.wait(hasMore || this.#commands.rules.isBusy ? 0 : this.#rest)
        if (Date.now() - this.#clockAt >= clockInterval) {
          this.#compareClocks()
          // Node.js reports ended threads in the event loop.
          await turn()
        }
        hasMore = !this.#commands.holds(source) && pipeline.drain(slice)
        await this.#giveTime(hasMore)
        pipeline.countExported()
        this.#reportHooks()
        this.#reportContainers()
        this.#commands.rules.proceed()
        if (wakeup === 'doorbell') await this.#commands.obey()
      }
    } catch (error) {
      if (!(error instanceof SinkClosed)) throw error
      report({ kind: 'sinkClosed' })
    } finally {
      sink.close()
      pipeline.countExported()
      pipeline.close()
      source.close()
      this.#commands.close()
      if (sink.pending !== undefined) report({ kind: 'stuck' })
    }
  }

  /** Maximum time to wait for records, in milliseconds. */
  get #rest(): number {
    const { sink, pipeline } = this.#parts
    return Math.max(1, Math.min(clockInterval, sink.rest, pipeline.rest))
  }

  #compareClocks(): void {
    const { context, pipeline } = this.#parts
    this.#clockAt = Date.now()
    context.clock.set(bootEpochNs())
    pipeline.hooks.writer.forgetOverlaps()
    pipeline.hooks.writeOverdue()
  }

  #reportHooks(): void {
    const { pipeline, report } = this.#parts
    const calls = pipeline.hooks.takeAbandoned()
    if (calls.length > 0) report({ kind: 'abandoned', calls })
    const requests = pipeline.hooks.writer.takeRequests()
    if (requests.length > 0) report({ kind: 'requests', requests })
    const counts = pipeline.hooks.lateCounts.take()
    if (counts.length > 0) report({ kind: 'counted', counts })
  }

  #reportContainers(): void {
    const { context, report } = this.#parts
    const questions = context.pods?.takeQuestions()
    if (questions === undefined || questions.cri.length + questions.podman.length === 0) return
    report({ kind: 'newContainers', questions })
  }

  /**
   * Reads the available records. One that is being written holds up those after it: it is waited
   * for once, not by each command.
   */
  async #drainAll(): Promise<void> {
    const { source, pipeline } = this.#parts
    const { end } = source
    const deadline = performance.now() + busyMaxMs
    for (;;) {
      const hasMore = pipeline.drain(slice)
      if (source.hasReached(end)) return
      await this.#giveTime(hasMore)
      if (hasMore) continue
      if (source.position === this.#givenUpAt) return
      if (performance.now() > deadline) {
        this.#givenUpAt = source.position
        return
      }
      await pause(1)
    }
  }

  /**
   * Gives the sink the time that it needs of this thread. A slow or stalled receiver gets no more:
   * the reader waits for progress only if there was some since the last time.
   * @param isBusy whether there is more to read
   */
  async #giveTime(isBusy: boolean): Promise<void> {
    const { sink } = this.#parts
    if (isBusy && sink.queuedBytes < worthwhile) return
    sink.proceed()
    const { pending } = sink
    if (isBusy && sink.isCrowded) {
      const hasProgress = sink.writtenBytes > this.#written
      this.#written = sink.writtenBytes
      if (!hasProgress) return pending && turn()
      await pause(crowdedMs)
      sink.proceed()
    } else if (pending !== undefined) {
      await (isBusy ? turn() : pauseUntil(pending, quietMs))
    }
  }
}

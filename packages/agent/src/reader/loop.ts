import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { recordMax } from '@tetragon-ts/compiler/hooks'
import { RingBufferReader } from '@tetragon-ts/ebpf/ringbuf'
import { bootEpochNs, bootTimeNs, useRealTimeForMapCalls } from '@tetragon-ts/ebpf/sys'
import { backlogSize, type ProcessRecords } from '@tetragon-ts/sensors'
import { collectGarbage } from '../collect-garbage.ts'
import { openWorkloadMap } from '../workloads/policy-sets/workload-map.ts'
import type { CpuProfiler } from './cpu-profiler.ts'
import { PendingRules } from './findings/pending-rules.ts'
import { StartHold } from './findings/start-hold.ts'
import { kernelImages } from './handlers/kernel-images.ts'
import { liveProcesses } from './handlers/live-processes.ts'
import { processLookup } from './handlers/process-lookup.ts'
import type { LiveProcesses } from './handlers/reconciliation.ts'
import type { NodeFields } from './json/node-fields.ts'
import type { WallClock } from './json/wall-clock.ts'
import type { EventTap } from './outputs/event-tap.ts'
import { type Sink, SinkClosed } from './outputs/sink.ts'
import { finishWriting, giveTime } from './outputs/sink-time.ts'
import type { Pipeline } from './pipeline.ts'
import {
  type Command,
  type CommandHandlers,
  handleCommand,
  type LoaderChange,
  type Report,
} from './protocol.ts'
import type { RecordSource } from './record-dispatch.ts'

/** How often the clocks are compared, in milliseconds. */
const clockInterval = 10_000
/** Maximum number of records between checks of commands and the sink. */
const slice = 1024
/** How long a program may take to write a record, in milliseconds: it can be interrupted. */
const busyMaxMs = 1000

/** The parts of the loop. */
export interface LoopParts {
  readonly source: RecordSource & Pick<RingBufferReader, 'wait' | 'close' | 'size'>
  readonly pipeline: Pipeline
  readonly sink: Sink
  readonly tap: EventTap
  readonly clock: WallClock
  readonly node: NodeFields
  readonly profiler: Pick<CpuProfiler, 'start' | 'stop'>
  readonly procfs: string
  /** Whether the first command `setRules` follows. */
  readonly expectsRules?: boolean | undefined
  report(report: Report): void
  /** The next command, if any: read when the doorbell rang. */
  nextCommand(): Command | undefined
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
  #isStopped = false
  #live: LiveProcesses | undefined
  #backlog: RingBufferReader | undefined
  readonly #rules = new PendingRules()
  readonly #hold = new StartHold()

  constructor(parts: LoopParts) {
    this.#parts = parts
  }

  /** Runs until the end. @throws failures of the sink, except that it is closed */
  async run(): Promise<void> {
    const { source, pipeline, sink, report } = this.#parts
    try {
      pipeline.begin()
      let hasMore = false
      while (!this.#isStopped) {
        const wakeup = source.wait(hasMore || this.#rules.isBusy ? 0 : this.#rest)
        if (Date.now() - this.#clockAt >= clockInterval) {
          this.#compareClocks()
          // Node.js reports ended threads in the event loop.
          await turn()
        }
        hasMore = !this.#hold.holds(source, this.#backlog) && pipeline.drain(slice)
        await giveTime(sink, hasMore)
        pipeline.countExported()
        this.#reportHooks()
        this.#reportContainers()
        this.#rules.proceed()
        if (wakeup === 'doorbell') await this.#obey()
      }
    } catch (error) {
      if (!(error instanceof SinkClosed)) throw error
      report({ kind: 'sinkClosed' })
    } finally {
      sink.close()
      pipeline.countExported()
      pipeline.close()
      source.close()
      this.#backlog?.close()
      if (sink.pending !== undefined) report({ kind: 'stuck' })
    }
  }

  /** Maximum time to wait for records, in milliseconds. */
  get #rest(): number {
    const { sink, pipeline } = this.#parts
    return Math.max(1, Math.min(clockInterval, sink.rest, pipeline.rest))
  }

  #compareClocks(): void {
    const { clock, pipeline } = this.#parts
    this.#clockAt = Date.now()
    clock.set(bootEpochNs())
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
    const { pipeline, report } = this.#parts
    const questions = pipeline.takeQuestions()
    const { cri, podman } = questions
    if (cri.length + podman.length > 0) report({ kind: 'newContainers', questions })
  }

  /** Reads the available records. One that is being written holds up those after it. */
  async #drainAll(): Promise<void> {
    const { source, pipeline, sink } = this.#parts
    const { end } = source
    const deadline = performance.now() + busyMaxMs
    for (;;) {
      const hasMore = pipeline.drain(slice)
      if (source.hasReached(end)) return
      await giveTime(sink, hasMore)
      if (hasMore) continue
      if (performance.now() > deadline) return
      await sleep(1)
    }
  }

  async #obey(): Promise<void> {
    const { nextCommand } = this.#parts
    while (!this.#isStopped) {
      const command = nextCommand()
      if (!command) return
      await handleCommand(this.#handlers, command)
    }
  }

  #startLoader(): LoaderChange {
    const { pipeline, report } = this.#parts
    const warn = (message: string): void => report({ kind: 'warning', message })
    try {
      return { memory: pipeline.startLoader(warn).memory }
    } catch (error) {
      return { memory: 0, refusal: error instanceof Error ? error.message : String(error) }
    }
  }

  readonly #handlers: CommandHandlers = {
    discovered: async ({ lookup }) => {
      await this.#drainAll()
      this.#parts.pipeline.discovered(lookup && processLookup(lookup))
      if (this.#parts.expectsRules) this.#hold.begin()
      this.#parts.report({ kind: 'discovered' })
    },
    stop: async () => {
      const { pipeline, sink } = this.#parts
      this.#isStopped = true
      await this.#drainAll()
      pipeline.finish()
      sink.reportLoss()
      await finishWriting(sink)
    },
    freeMemory: collectGarbage,
    // The main thread warns if that is refused.
    avoidPreemption: () => void useRealTimeForMapCalls(true),
    reconcile: ({ tableFd }) => {
      this.#live ??= liveProcesses(tableFd, this.#parts.procfs)
      this.#parts.pipeline.reconcile(this.#live)
    },
    addHooks: async ({ hooks, replacedIds, question }) => {
      // Hits that only the replaced ones have seen are not compared with hits of these.
      if (replacedIds.length > 0) await this.#drainAll()
      const { pipeline, report } = this.#parts
      for (const hook of hooks) pipeline.hooks.add(hook)
      pipeline.hooks.overlap(
        replacedIds,
        hooks.map(({ id }) => id),
      )
      report({ kind: 'hooksAdded', question })
    },
    removeHooks: async ({ ids, removedAt, successorSince }) => {
      // Records posted before the detachment may still be in the ring.
      await this.#drainAll()
      for (const id of ids) {
        this.#parts.pipeline.hooks.remove(id, removedAt, successorSince)
      }
    },
    openWorkloads: ({ tableFd, question }) => {
      this.#parts.pipeline.policySets?.open(openWorkloadMap(tableFd))
      this.#parts.report({ kind: 'workloadsChanged', question })
    },
    addWorkloads: async ({ sets, question }) => {
      // The groups that the kernel has found.
      await this.#drainAll()
      this.#parts.pipeline.policySets?.add(sets)
      this.#parts.report({ kind: 'workloadsChanged', question })
    },
    removeWorkloads: ({ numbers }) => this.#parts.pipeline.policySets?.remove(numbers),
    closeWorkloads: ({ question }) => {
      this.#parts.pipeline.policySets?.close()
      this.#parts.report({ kind: 'workloadsChanged', question })
    },
    pods: ({ changes }) => this.#parts.pipeline.podsChanged(changes),
    runtimePod: ({ pod }) => this.#parts.pipeline.addPod(pod),
    containerLabels: ({ labels }) => this.#parts.pipeline.addLabels(labels),
    addHooked: async ({ declared, question }) => {
      // The control group of the container may still be in the ring.
      await this.#drainAll()
      this.#parts.pipeline.addHooked(declared)
      this.#parts.report({ kind: 'hookedAdded', question })
    },
    startLoader: ({ question }) => {
      // Its rings are small.
      this.#hold.end()
      this.#parts.report({ kind: 'loaderChanged', question, ...this.#startLoader() })
    },
    stopLoader: async ({ question }) => {
      await this.#drainAll()
      this.#parts.pipeline.stopLoader()
      this.#parts.report({ kind: 'loaderChanged', question, memory: 0 })
    },
    openBacklog: ({ ringFd, forksFd, execsFd, tableFd, question }) => {
      const { pipeline, procfs, report } = this.#parts
      this.#backlog ??= new RingBufferReader(ringFd, backlogSize, undefined, recordMax)
      const images = (records: ProcessRecords) => kernelImages({ forksFd, execsFd }, records)
      pipeline.openBacklog(this.#backlog, images, liveProcesses(tableFd, procfs))
      report({ kind: 'backlogOpened', question })
    },
    node: ({ labels }) => {
      const message = this.#parts.node.setLabels(labels)
      if (message !== undefined) this.#parts.report({ kind: 'warning', message })
    },
    stream: ({ ring }) => this.#parts.tap.stream(ring),
    noteLoss: () => this.#parts.pipeline.noteLoss(Number(bootTimeNs()) / 1e6),
    setRules: async ({ question, prepared }) => {
      const { pipeline, report } = this.#parts
      await this.#rules.add(prepared, {
        done: (rules) => {
          pipeline.useRules(rules)
          this.#hold.end()
          report({ kind: 'rulesSet', question })
        },
        failed: (failure) => report({ kind: 'rulesSet', question, failure }),
      })
    },
    setRuleActions: ({ states }) => this.#parts.pipeline.setRuleActions(states),
    setRotation: ({ rotation }) => this.#parts.sink.setRotation?.(rotation),
    startProfile: () => this.#parts.profiler.start(),
    endProfile: ({ question }) => {
      const { profiler, report } = this.#parts
      report({ kind: 'profile', question, profile: profiler.stop() })
    },
    listProcesses: ({ question }) => {
      const processes = this.#parts.pipeline.cachedProcesses()
      this.#parts.report({ kind: 'processes', question, processes })
    },
    listWorkloads: ({ question, labels }) => {
      const workloads = this.#parts.pipeline.policySets?.list(labels) ?? []
      this.#parts.report({ kind: 'workloads', question, workloads })
    },
    readTotals: ({ question }) => {
      const totals = this.#parts.pipeline.totals()
      this.#parts.report({ kind: 'totals', question, totals })
    },
  }
}

import { recordMax } from '@tetragon-ts/compiler/hooks'
import { RingBufferReader } from '@tetragon-ts/ebpf/ringbuf'
import { bootTimeNs, useRealTimeForMapCalls } from '@tetragon-ts/ebpf/sys'
import { backlogSize, type ProcessRecords } from '@tetragon-ts/sensors'
import { collectGarbage } from '../collect-garbage.ts'
import { openWorkloadMap } from '../workloads/policy-sets/workload-map.ts'
import type { CpuProfiler } from './cpu-profiler.ts'
import type { EventContext } from './event-context.ts'
import { PendingRules } from './findings/pending-rules.ts'
import { StartHold } from './findings/start-hold.ts'
import { kernelImages } from './handlers/kernel-images.ts'
import { liveProcesses } from './handlers/live-processes.ts'
import { processLookup } from './handlers/process-lookup.ts'
import type { LiveProcesses } from './handlers/reconciliation.ts'
import type { EventTap } from './outputs/event-tap.ts'
import { finishWriting } from './outputs/finish-writing.ts'
import type { Sink } from './outputs/sink.ts'
import type { Pipeline } from './pipeline.ts'
import {
  type Command,
  type CommandHandlers,
  handleCommand,
  type LoaderChange,
  type Report,
} from './protocol.ts'
import type { RecordSource } from './record-dispatch.ts'

/** What commands change, and how they are received. */
export interface CommandParts {
  readonly pipeline: Pipeline
  /** The same that the pipeline has. */
  readonly context: EventContext
  readonly sink: Sink
  readonly tap: EventTap
  readonly profiler: Pick<CpuProfiler, 'start' | 'stop'>
  /** Whether the first command `setRules` follows. */
  readonly expectsRules?: boolean | undefined
  report(report: Report): void
  /** The next command, if any: read when the doorbell rang. */
  nextCommand(): Command | undefined
}

/** Obeys the main thread between the reading of records. */
export class ReaderCommands {
  readonly #parts: CommandParts
  readonly #drainAll: () => Promise<void>
  #isStopped = false
  #live: LiveProcesses | undefined
  #backlog: RingBufferReader | undefined
  readonly #hold = new StartHold()
  /** Rules that are compiled in between. */
  readonly rules = new PendingRules()

  /** @param drainAll reads the available records */
  constructor(parts: CommandParts, drainAll: () => Promise<void>) {
    this.#parts = parts
    this.#drainAll = drainAll
  }

  /** Whether the reader ends. */
  get isStopped(): boolean {
    return this.#isStopped
  }

  /** Whether records wait for the first rules. */
  holds(source: Pick<RecordSource, 'pending' | 'size'>): boolean {
    return this.#hold.holds(source, this.#backlog)
  }

  /** Executes the commands that have arrived. */
  async obey(): Promise<void> {
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
      this.#live ??= liveProcesses(tableFd, this.#parts.context.procfs)
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
      this.#parts.context.policySets?.open(openWorkloadMap(tableFd))
      this.#parts.report({ kind: 'workloadsChanged', question })
    },
    addWorkloads: async ({ sets, question }) => {
      // The groups that the kernel has found.
      await this.#drainAll()
      this.#parts.context.policySets?.add(sets)
      this.#parts.report({ kind: 'workloadsChanged', question })
    },
    removeWorkloads: ({ numbers }) => this.#parts.context.policySets?.remove(numbers),
    closeWorkloads: ({ question }) => {
      this.#parts.context.policySets?.close()
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
      const { pipeline, context, report } = this.#parts
      this.#backlog ??= new RingBufferReader(ringFd, backlogSize, undefined, recordMax)
      const images = (records: ProcessRecords) => kernelImages({ forksFd, execsFd }, records)
      pipeline.openBacklog(this.#backlog, images, liveProcesses(tableFd, context.procfs))
      report({ kind: 'backlogOpened', question })
    },
    node: ({ labels }) => {
      const message = this.#parts.context.node.setLabels(labels)
      if (message !== undefined) this.#parts.report({ kind: 'warning', message })
    },
    stream: ({ ring }) => this.#parts.tap.stream(ring),
    noteLoss: () => this.#parts.context.findings?.noteLoss(Number(bootTimeNs()) / 1e6),
    setRules: async ({ question, prepared }) => {
      const { pipeline, report } = this.#parts
      await this.rules.add(prepared, {
        done: (rules) => {
          const early = pipeline.useRules(rules)
          this.#hold.end()
          report({ kind: 'rulesSet', question, early })
        },
        failed: (failure) => report({ kind: 'rulesSet', question, failure }),
      })
    },
    setRuleActions: ({ states }) => {
      const { findings } = this.#parts.context
      if (findings) findings.actions.states = states
    },
    setRotation: ({ rotation }) => this.#parts.sink.setRotation?.(rotation),
    flush: ({ question }) => {
      const { sink, report } = this.#parts
      // Not awaited: the thread continues.
      const flushed = sink.flushed?.() ?? Promise.resolve()
      flushed.then(() => report({ kind: 'flushed', question }))
    },
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
      const workloads = this.#parts.context.policySets?.list(labels) ?? []
      this.#parts.report({ kind: 'workloads', question, workloads })
    },
    readTotals: ({ question }) => {
      const totals = this.#parts.pipeline.totals()
      this.#parts.report({ kind: 'totals', question, totals })
    },
  }

  /** Closes what commands have opened. */
  close(): void {
    this.#backlog?.close()
  }
}

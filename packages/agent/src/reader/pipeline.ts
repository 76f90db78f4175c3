import { type EventClass, eventClass, eventClasses, sumOf } from '@tetragon-ts/outputs/queue'
import type { ContainerPod } from '../processes/workload.ts'
import type { PodChanges, PodFacts } from '../workloads/pod-facts.ts'
import type { DeclaredPod } from '../workloads/pod-text.ts'
import type { Pods } from '../workloads/pods.ts'
import type { ContainerLabels } from '../workloads/sources/runtime-container.ts'
import type { CounterName, Counters } from './counters.ts'
import type { EventContext } from './event-context.ts'
import { noFindings } from './findings/finding-totals.ts'
import type { LoadedRules } from './findings/load-rules.ts'
import type { BacklogRing } from './handlers/backlog.ts'
import type { HookEvents } from './handlers/hook-events.ts'
import type { OpenImages } from './handlers/kernel-images.ts'
import { MappingRings } from './handlers/mapping-rings.ts'
import type { ProcessLookup } from './handlers/process-lookup.ts'
import { type LiveProcesses, Reconciliation } from './handlers/reconciliation.ts'
import { WorkloadChanges } from './handlers/workload-changes.ts'
import { writeProcess } from './json/process-json.ts'
import type { Latencies } from './latencies.ts'
import type { EventConsumer } from './outputs/event-consumers.ts'
import type { Sink } from './outputs/sink.ts'
import type { CachedProcess, PipelineTotals } from './protocol.ts'
import { RecordDispatch, type RecordSource } from './record-dispatch.ts'

/**
 * Bytes of events that are collected before a write within one batch. A sink keeps a buffer of that
 * length instead of copying it; streams get smaller parts.
 */
const flushAt = { export: 3 << 18, stream: 1 << 18 }

/** Counters of lines that could not be written, by class. */
const unwritten: Readonly<Record<EventClass, CounterName>> = {
  [eventClass.hook]: 'hooksUnwritten',
  [eventClass.process]: 'processesUnwritten',
  [eventClass.enforcement]: 'enforcementsUnwritten',
}

/** Size of the sink's queue that ends a batch early: events can be very long. */
const stopAt = 1 << 22

/** Records → events → sink, in one thread. */
export class Pipeline {
  readonly #source: RecordSource
  readonly #context: EventContext
  readonly #consumers: EventConsumer
  readonly #sink: Sink
  readonly #counters: Counters
  readonly #records: RecordDispatch
  readonly #workloads: WorkloadChanges
  readonly #reconciliation: Reconciliation
  #peak = 0
  /** Records that were read, including held ones. */
  read = 0
  /** Whether the last read ended early, for the sink. */
  #stopped = false
  readonly #latencies: Latencies | undefined
  #bytes = 0

  /**
   * @param consumers receive all events, including those that are not exported
   * @param latencies receives the latency of each record, if measured
   */
  constructor(
    source: RecordSource,
    context: EventContext,
    consumers: EventConsumer,
    sink: Sink,
    counters: Counters,
    latencies?: Latencies,
  ) {
    this.#source = source
    this.#context = context
    this.#consumers = consumers
    this.#sink = sink
    this.#counters = counters
    this.#latencies = latencies
    this.#workloads = new WorkloadChanges(context)
    this.#records = new RecordDispatch(source, context, this.#afterRecord, latencies)
    const { processes, hooks } = this.#records
    this.#reconciliation = new Reconciliation(context.cache, source, (process) => {
      hooks.processEnded(process.pid)
      processes.lostExit(process)
    })
  }

  /** Starts the event stream; must be called first. @throws SinkClosed */
  begin(): void {
    this.#records.processes.begin()
    this.#flush()
  }

  /**
   * All processes that started before the agent have been read.
   * @param lookup finds processes that no record introduces
   */
  discovered(lookup: ProcessLookup | undefined): void {
    this.#records.foundRunning()
    this.#records.processes.unknown.lookup = lookup
    this.#flush()
  }

  /** Updates the pods of this node. */
  podsChanged(changes: PodChanges): void {
    this.#changePods((pods) => pods.update(changes))
  }

  /** Adds a pod that the socket of the container runtime reported. */
  addPod(pod: PodFacts): void {
    this.#changePods((pods) => pods.addOfRuntime(pod))
  }

  /** Adds a container that a hook of the container runtime reported. */
  addHooked(declared: DeclaredPod): void {
    this.#changePods((pods) => pods.addHooked(declared))
  }

  #changePods(change: (pods: Pods) => ReadonlySet<ContainerPod>): void {
    const { pods } = this.#context
    if (pods !== undefined) this.#workloads.podsChanged(change(pods))
    // Hits may have waited for them.
    this.#flush()
  }

  /** Adds labels of a container outside of pods. */
  addLabels(labels: ContainerLabels): void {
    const changed = this.#context.pods?.addLabels(labels)
    if (changed !== undefined) this.#workloads.containerChanged(changed)
  }

  /** Process records were lost: finds the processes that ended. */
  reconcile(live: LiveProcesses): void {
    this.#reconciliation.request(live)
  }

  /** Opens what has the processes whose events are not posted. @see ProcessEvents.openBacklog */
  openBacklog(ring: BacklogRing, images: OpenImages, live: LiveProcesses): void {
    this.#records.processes.openBacklog(ring, images, live)
  }

  /** JSON of all live processes and of their ancestors. */
  cachedProcesses(): CachedProcess[] {
    const { out, cache, clock } = this.#context
    const live = new Set(cache.live)
    const known = new Set(live)
    for (const { parent } of known) if (parent) known.add(parent)
    return [...known].map((process) => {
      writeProcess(out, process, clock, true)
      const json = Buffer.from(out.latin1Since(0), 'latin1').toString('utf8')
      out.clear()
      return { json, references: process.references, isLive: live.has(process) }
    })
  }

  /** Events by labels, and latencies; empty if not measured. */
  totals(): PipelineTotals {
    const { counts, cache } = this.#context
    return {
      events: counts?.totals(cache.live, Date.now()),
      latencies: this.#latencies?.totals() ?? [],
      findings: this.#context.findings?.totals ?? noFindings,
    }
  }

  /** There will be detection rules. */
  expectRules(): void {
    const { cache, findings } = this.#context
    // For rules on ancestors, also of processes that have ended.
    cache.keepsAncestors = true
    findings?.expect()
  }

  /**
   * Evaluates these detection rules from now on.
   * @returns number of events that were written before there were rules
   */
  useRules(rules: LoadedRules | undefined): number {
    const { cache, findings } = this.#context
    if (rules !== undefined) cache.keepsAncestors = true
    findings?.use(rules)
    return findings?.early ?? 0
  }

  /** Policy events; hooks are added before they can be hit. */
  get hooks(): HookEvents {
    return this.#records.hooks
  }

  /** Writes an event for each executable mapping from now on. @throws SystemCallError */
  startLoader(warn: (message: string) => void): MappingRings {
    const rings = new MappingRings(warn)
    this.#records.loader.start(rings)
    return rings
  }

  /** All records that were in the ring have been read. */
  stopLoader(): void {
    this.#records.loader.stop()
    this.#flush()
  }

  /** Closes the rings of mappings without writing their content. */
  close(): void {
    this.#records.loader.close()
  }

  /**
   * Turns available records into events and writes them to the sink.
   * @param limit maximum number of records; the caller handles the sink and commands in between
   * @returns whether there may be more
   * @throws SinkClosed
   */
  drain(limit: number): boolean {
    const { pending } = this.#source
    if (pending > this.#peak) this.#peak = pending
    this.#counters.set('ringPending', pending)
    this.#counters.set('ringPeak', this.#peak)
    this.#stopped = false
    const read = this.#records.read(limit)
    this.read += read
    for (const handler of this.#records.handlers) handler.endBatch?.()
    this.#reconciliation.step()
    this.#flush()
    return read === limit || this.#stopped
  }

  readonly #afterRecord = (): void => {
    const { out, stage } = this.#context
    const limit = this.#consumers.isOpen ? flushAt.stream : flushAt.export
    if (out.length < limit && (stage === undefined || stage.copied < limit)) return
    this.#flush()
    if (this.#sink.queuedBytes >= stopAt) this.#stop()
  }

  /** The sink's queue is so long that the sink must run. */
  #stop(): void {
    this.#stopped = true
    this.#source.stop()
  }

  /** Milliseconds until something must be written even without records: then drain. */
  get rest(): number {
    const never = Number.POSITIVE_INFINITY
    const exported = this.#context.stage?.rest ?? never
    const handled = this.#records.handlers.map(({ rest = never }) => rest)
    return Math.min(exported, this.#reconciliation.rest, ...handled)
  }

  /** Reports the events omitted from the export since the last report. */
  finish(): void {
    for (const handler of this.#records.handlers) handler.finish?.()
    this.#context.stage?.finish()
    this.#flush()
  }

  #export(): void {
    const { out, stage } = this.#context
    const from = stage?.take() ?? out
    const { bytes, length, runs } = from
    if (length > 0) from.bytes = this.#sink.write(bytes, length, runs) ?? bytes
    from.clear()
  }

  #flush(): void {
    const { out, cache, stage } = this.#context
    const counters = this.#counters
    const events = this.#records.handlers.reduce((sum, { written }) => sum + written, 0)
    if (out.length > 0) {
      this.#consumers.write(out)
      this.#bytes += out.length
    }
    this.#export()
    out.clear()
    this.countExported()
    this.#records.count(counters)
    this.#workloads.count(counters)
    counters.set('events', events)
    counters.set('bytes', this.#bytes)
    counters.set('exportRateLimited', stage?.rateLimited ?? 0)
    counters.set('liveProcesses', cache.liveCount)
    counters.set('rememberedProcesses', cache.size)
  }

  /** Publishes the counts of written and lost lines. */
  countExported(): void {
    const counters = this.#counters
    const { writtenEvents, writtenBytes, lostEvents, queuedBytes } = this.#sink
    if (writtenEvents !== counters.get('exported')) counters.set('exportedAt', Date.now() / 1000)
    counters.set('exported', writtenEvents)
    counters.set('exportedBytes', writtenBytes)
    counters.set('exportQueued', queuedBytes)
    counters.set('sinkLost', sumOf(lostEvents))
    for (const of of eventClasses) counters.set(unwritten[of], lostEvents[of])
  }
}

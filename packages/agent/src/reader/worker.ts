import { parentPort, receiveMessageOnPort } from 'node:worker_threads'
import { RingBufferReader } from '@tetragon-ts/ebpf/ringbuf'
import { bootEpochNs, Doorbell } from '@tetragon-ts/ebpf/sys'
import type { WaitingLimits } from '@tetragon-ts/sensors'
import type { CallOf, UserRequest } from '@tetragon-ts/sensors/hooks'
import { type HookDescription, recordMax } from '@tetragon-ts/sensors/hooks'
import { ExecIds } from '../processes/exec-ids.ts'
import { ProcessCache } from '../processes/process-cache.ts'
import { Containers } from '../workloads/containers.ts'
import { Counters } from './counters.ts'
import { CpuProfiler } from './cpu-profiler.ts'
import { EventBuffer } from './event-buffer.ts'
import type { EventContent } from './event-content.ts'
import { type CountingOptions, EventCounts } from './event-counts.ts'
import { ExportStage, prepareExport } from './export/export-stage.ts'
import type { OutputOptions } from './export/output-options.ts'
import { Redaction } from './export/redaction.ts'
import { liveProcesses } from './handlers/live-processes.ts'
import type { LiveProcesses } from './handlers/reconciliation.ts'
import { lossLine } from './json/loss-line.ts'
import { WallClock } from './json/wall-clock.ts'
import { Latencies } from './latencies.ts'
import { EventTap } from './outputs/event-tap.ts'
import { openSink, type SinkOptions } from './outputs/open-sink.ts'
import { startPool } from './outputs/pool.ts'
import { type Rotation, type Sink, SinkClosed } from './outputs/sink.ts'
import { finishWriting, giveTime } from './outputs/sink-time.ts'
import { Pipeline, type PipelineTotals } from './pipeline.ts'
import { raisePriority } from './reader-priority.ts'
import { awaitBeginning } from './reader-worker.ts'

// The thread that reads the ring. Messages are looked for when the doorbell rings, and the event
// loop only runs where a sink needs it, for a bounded time. So nothing that the main thread or the
// receiver of events does can make the ring overflow.

export interface WorkerOptions extends OutputOptions {
  readonly ringFd: number
  readonly ringSize: number
  readonly doorbellFd: number
  readonly counters: SharedArrayBuffer
  readonly sink: SinkOptions
  readonly nodeName: string
  readonly procfs: string
  readonly content: EventContent
  /** Undefined: events are not counted. */
  readonly counting?: CountingOptions | undefined
  /** Whether to measure how long each record takes. */
  readonly latencies?: boolean
  readonly waiting?: WaitingLimits | undefined
}

/** What the main thread says. */
export type Command =
  | 'taken-in'
  | 'stop'
  /** Records were lost: the descriptor of the process table, to find processes that ended. */
  | { readonly reconcile: number }
  /**
   * Hooks of a policy that is about to be loaded, in the place of these of another, or was taken
   * away.
   */
  | { readonly add: readonly HookDescription[]; readonly inPlaceOf: readonly number[] }
  /** @see HookEvents.remove */
  | { readonly remove: readonly number[]; readonly heirSince?: bigint | undefined }
  /** A ring for events besides the sink, or none any more. */
  | { readonly stream: SharedArrayBuffer | undefined }
  /** When the export file is to be rotated from now on. */
  | { readonly rotation: Rotation }
  /** Asks for all processes that are known. */
  | { readonly dump: number }
  /** Samples where the thread spends its time. */
  | { readonly profile: 'begin' | 'end' }
  /** Asks what was counted. */
  | { readonly totals: number }
/** What the worker says. */
export type Report =
  | 'ready'
  | 'taken-in'
  | 'sink-closed'
  | 'stopped'
  /** All is done, but the thread cannot end: a file system does not respond. */
  | 'stuck'
  | `hook ${number}`
  /** Events are in the ring, and its reader sleeps. */
  | 'events'
  /** The export file was rotated. */
  | 'rotated'
  /** For the operator. */
  | { readonly warning: string }
  /** All processes that are known, with the number of the command. */
  | { readonly dump: number; readonly processes: readonly KnownProcess[] }
  /** What the samples say. */
  | { readonly profile: string }
  /** What was counted, with the number of the command. */
  | { readonly totals: number; readonly counted: PipelineTotals }
  /** Calls of hooked functions that will not return. */
  | { readonly abandoned: readonly CallOf[] }
  /** What the actions of policies ask of user space. */
  | { readonly requests: readonly UserRequest[] }

/** A process of the cache. */
export interface KnownProcess {
  readonly json: string
  readonly references: number
  /** Whether it still runs; others are known for the sake of their descendants. */
  readonly isLive: boolean
}

/** How often the clocks are compared, in milliseconds. */
const clockInterval = 10_000

/** Records that are read at most before commands and the sink have their turn. */
const slice = 1024
/** Bytes that a record has in the ring at least, with its header. */
const smallestRecord = 16

async function run(
  options: WorkerOptions,
  report: (report: Report) => void,
  port: NonNullable<typeof parentPort>,
): Promise<void> {
  const { nodeName, procfs, content } = options
  if (options.sink.kind !== 'none') await startPool()
  raisePriority()
  const doorbell = new Doorbell(options.doorbellFd)
  const ring = new RingBufferReader(options.ringFd, options.ringSize, doorbell, recordMax)
  const clock = new WallClock(bootEpochNs())
  const cache = new ProcessCache()
  const execIds = new ExecIds(nodeName)
  const cluster = content.clusterName
  const clusterField = cluster === '' ? '' : `,"cluster_name":${JSON.stringify(cluster)}`
  const nodeJson = `"node_name":${JSON.stringify(nodeName)}${clusterField}`
  const nodeField = Buffer.from(nodeJson).toString('latin1')
  const out = new EventBuffer()
  const tap = new EventTap(out.places, () => report('events'))
  const redaction = options.redaction && new Redaction(options.redaction)
  const context = {
    out,
    clock,
    cache,
    containers: new Containers(),
    execIds,
    nodeField,
    procfs,
    content,
    counts: options.counting && new EventCounts(options.counting),
    stage:
      options.export &&
      new ExportStage(options.export, out, nodeField, tap, redaction !== undefined),
    redaction,
    variables: options.variables && new Set(options.variables),
    waiting: options.waiting,
  }
  const observer = {
    rotated: () => report('rotated'),
    warn: (warning: string) => report({ warning }),
  }
  const sink = await openSink(options.sink, observer, (lost) =>
    Buffer.from(lossLine(lost, nodeField), 'latin1'),
  )
  const pipeline = new Pipeline(
    ring,
    context,
    tap,
    sink,
    new Counters(options.counters),
    options.latencies ? new Latencies() : undefined,
  )
  report('ready')
  const profiler = new CpuProfiler()
  /** Reads what is in the ring now. */
  const drainAll = async (): Promise<void> => {
    const last = pipeline.read + Math.ceil(ring.pending / smallestRecord)
    while (pipeline.drain(slice) && pipeline.read <= last) await giveTime(sink, true)
  }
  let clockAt = Date.now()
  let hasMore = false
  let live: LiveProcesses | undefined
  try {
    pipeline.begin()
    for (;;) {
      const wakeup = ring.wait(hasMore ? 0 : restOf(sink, pipeline))
      if (Date.now() - clockAt >= clockInterval) {
        clockAt = Date.now()
        clock.set(bootEpochNs())
        pipeline.hooks.forgetOverlaps()
        pipeline.hooks.writeOverdue()
      }
      hasMore = pipeline.drain(slice)
      await giveTime(sink, hasMore)
      pipeline.countExported()
      const abandoned = pipeline.hooks.takeAbandoned()
      if (abandoned.length > 0) report({ abandoned })
      const requests = pipeline.hooks.takeRequests()
      if (requests.length > 0) report({ requests })
      if (wakeup !== 'doorbell') continue
      for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
        const command: Command = next.message
        if (command === 'taken-in') {
          await drainAll()
          pipeline.takenIn()
          report('taken-in')
        } else if (command === 'stop') {
          await drainAll()
          pipeline.finish()
          sink.reportLoss()
          await finishWriting(sink)
          return
        } else if ('reconcile' in command) {
          live ??= liveProcesses(command.reconcile, procfs)
          pipeline.reconcile(live)
        } else if ('stream' in command) {
          tap.stream(command.stream)
        } else if ('rotation' in command) {
          sink.setRotation?.(command.rotation)
        } else if ('dump' in command) {
          report({ dump: command.dump, processes: pipeline.knownProcesses() })
        } else if ('profile' in command) {
          if (command.profile === 'begin') profiler.start()
          else report({ profile: profiler.stop() })
        } else if ('totals' in command) {
          report({ totals: command.totals, counted: pipeline.totals() })
        } else if ('add' in command) {
          for (const hook of command.add) pipeline.hooks.add(hook)
          const added = command.add.map(({ id }) => id)
          pipeline.hooks.overlap(command.inPlaceOf, added)
          for (const id of added) report(`hook ${id}`)
        } else {
          for (const id of command.remove) pipeline.hooks.remove(id, command.heirSince)
        }
      }
    }
  } catch (error) {
    if (!(error instanceof SinkClosed)) throw error
    report('sink-closed')
  } finally {
    sink.close()
    pipeline.countExported()
    ring.close()
    if (sink.pending !== undefined) report('stuck')
  }
}

/** How long to wait for records at most, in milliseconds. */
function restOf(sink: Sink, pipeline: Pipeline): number {
  return Math.max(1, Math.min(clockInterval, sink.rest, pipeline.rest))
}

async function start(port: NonNullable<typeof parentPort>): Promise<void> {
  const options = awaitBeginning<WorkerOptions>(port)
  if (options === undefined) return port.close()
  const report = (report: Report): void => port.postMessage(report)
  if (options.export) await prepareExport(options.export)
  await run(options, report, port)
  report('stopped')
  port.close()
}

// A failure becomes the thread's own.
if (parentPort) start(parentPort)

import { parentPort, receiveMessageOnPort } from 'node:worker_threads'
import { RingBufferReader } from '@tetragon-ts/ebpf/ringbuf'
import { bootEpochNs, Doorbell } from '@tetragon-ts/ebpf/sys'
import { recordMax } from '@tetragon-ts/sensors/hooks'
import { ExecIds } from '../processes/exec-ids.ts'
import { ProcessCache } from '../processes/process-cache.ts'
import { Containers } from '../workloads/containers.ts'
import { Counters } from './counters.ts'
import { CpuProfiler } from './cpu-profiler.ts'
import { EventCounts } from './event-counts.ts'
import { ExportStage, prepareExport } from './export/export-stage.ts'
import { Redaction } from './export/redaction.ts'
import { liveProcesses } from './handlers/live-processes.ts'
import type { LiveProcesses } from './handlers/reconciliation.ts'
import { EventBuffer } from './json/event-buffer.ts'
import { lossLine } from './json/loss-line.ts'
import { WallClock } from './json/wall-clock.ts'
import { Latencies } from './latencies.ts'
import { EventTap } from './outputs/event-tap.ts'
import { openSink } from './outputs/open-sink.ts'
import { startPool } from './outputs/pool.ts'
import { type Sink, SinkClosed } from './outputs/sink.ts'
import { finishWriting, giveTime } from './outputs/sink-time.ts'
import { Pipeline } from './pipeline.ts'
import type { Command, Report, WorkerOptions } from './protocol.ts'
import { raisePriority } from './reader-priority.ts'
import { awaitBeginning } from './reader-worker.ts'

// The thread that reads the ring. Messages are looked for when the doorbell rings, and the event
// loop only runs where a sink needs it, for a bounded time. So nothing that the main thread or the
// receiver of events does can make the ring overflow.

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
  const tap = new EventTap(out.places, () => report({ kind: 'events' }))
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
    rotated: () => report({ kind: 'rotated' }),
    warn: (message: string) => report({ kind: 'warning', message }),
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
  report({ kind: 'ready' })
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
      if (abandoned.length > 0) report({ kind: 'abandoned', calls: abandoned })
      const requests = pipeline.hooks.takeRequests()
      if (requests.length > 0) report({ kind: 'requests', requests })
      if (wakeup !== 'doorbell') continue
      for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
        const command: Command = next.message
        switch (command.kind) {
          case 'discovered':
            await drainAll()
            pipeline.discovered()
            report({ kind: 'discovered' })
            break
          case 'stop':
            await drainAll()
            pipeline.finish()
            sink.reportLoss()
            await finishWriting(sink)
            return
          case 'reconcile':
            live ??= liveProcesses(command.tableFd, procfs)
            pipeline.reconcile(live)
            break
          case 'addHooks':
            for (const hook of command.hooks) pipeline.hooks.add(hook)
            pipeline.hooks.overlap(
              command.inPlaceOf,
              command.hooks.map(({ id }) => id),
            )
            report({ kind: 'hooksAdded', question: command.question })
            break
          case 'removeHooks':
            for (const id of command.ids) pipeline.hooks.remove(id, command.successorSince)
            break
          case 'stream':
            tap.stream(command.ring)
            break
          case 'setRotation':
            sink.setRotation?.(command.rotation)
            break
          case 'startProfile':
            profiler.start()
            break
          case 'endProfile': {
            const { question } = command
            report({ kind: 'profile', question, profile: profiler.stop() })
            break
          }
          case 'listProcesses': {
            const { question } = command
            report({ kind: 'processes', question, processes: pipeline.knownProcesses() })
            break
          }
          case 'readTotals':
            report({ kind: 'totals', question: command.question, totals: pipeline.totals() })
            break
          default:
            command satisfies never
        }
      }
    }
  } catch (error) {
    if (!(error instanceof SinkClosed)) throw error
    report({ kind: 'sinkClosed' })
  } finally {
    sink.close()
    pipeline.countExported()
    ring.close()
    if (sink.pending !== undefined) report({ kind: 'stuck' })
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
  report({ kind: 'stopped' })
  port.close()
}

// A failure becomes the thread's own.
if (parentPort) start(parentPort)

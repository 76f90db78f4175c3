import { parentPort, receiveMessageOnPort } from 'node:worker_threads'
import { recordMax } from '@tetragon-ts/compiler/hooks'
import { RingBufferReader } from '@tetragon-ts/ebpf/ringbuf'
import { bootEpochNs, Doorbell } from '@tetragon-ts/ebpf/sys'
import { ExecIds } from '../processes/process.ts'
import { ProcessCache } from '../processes/process-cache.ts'
import { raisePriority } from '../raise-priority.ts'
import { Containers } from '../workloads/containers.ts'
import { Pods } from '../workloads/pods.ts'
import { PolicySets } from '../workloads/policy-sets/policy-sets.ts'
import { Counters } from './counters.ts'
import { CpuProfiler } from './cpu-profiler.ts'
import type { EventContext } from './event-context.ts'
import { EventCounts } from './event-counts.ts'
import { ExportStage, prepareExport } from './export/export-stage.ts'
import { Redaction } from './export/redaction.ts'
import { Findings } from './findings/findings.ts'
import { EventBuffer, WallClock } from './json/event-lines.ts'
import { lossLine } from './json/loss-line.ts'
import { NodeFields } from './json/node-fields.ts'
import { processText } from './json/process-json.ts'
import { Latencies } from './latencies.ts'
import { ReaderLoop } from './loop.ts'
import { EventConsumers } from './outputs/event-consumers.ts'
import { EventTap } from './outputs/event-tap.ts'
import { openSink } from './outputs/open-sink.ts'
import { OutputTap } from './outputs/output-tap.ts'
import { startPool } from './outputs/pool.ts'
import { Pipeline } from './pipeline.ts'
import type { Command, Report, WorkerOptions } from './protocol.ts'
import { awaitBeginning } from './reader-worker.ts'

// The program of the reader's thread: creates its parts and runs the loop.

type Port = NonNullable<typeof parentPort>

async function run(
  options: WorkerOptions,
  report: (report: Report) => void,
  port: Port,
): Promise<void> {
  if (options.sink.kind !== 'none') await startPool()
  raisePriority()
  const doorbell = new Doorbell(options.doorbellFd)
  const source = new RingBufferReader(options.ringFd, options.ringSize, doorbell, recordMax)
  const out = new EventBuffer()
  const warn = (message: string) => report({ kind: 'warning', message })
  const tap = new EventTap(out.processOffsets, () => report({ kind: 'events' }), warn)
  const { outputLink } = options
  const consumers = new EventConsumers(tap, outputLink && new OutputTap(outputLink))
  const context = contextOf(options, out, consumers)
  const observer = { rotated: () => report({ kind: 'rotated' }), warn }
  const sink = await openSink(options.sink, observer, (lost) =>
    Buffer.from(lossLine(lost, context.node.text), 'latin1'),
  )
  const counters = new Counters(options.counters)
  const latencies = options.latencies ? new Latencies() : undefined
  const pipeline = new Pipeline(source, context, consumers, sink, counters, latencies)
  if (options.expectsRules) pipeline.expectRules()
  report({ kind: 'ready' })
  await new ReaderLoop({
    source,
    pipeline,
    context,
    sink,
    tap,
    expectsRules: options.expectsRules,
    report,
    profiler: new CpuProfiler(),
    nextCommand: (): Command | undefined => receiveMessageOnPort(port)?.message,
  }).run()
}

function contextOf(
  options: WorkerOptions,
  out: EventBuffer,
  consumers: EventConsumers,
): EventContext {
  const { nodeName, procfs, content, counting, variables, waiting } = options
  const node = new NodeFields(nodeName, content.clusterName)
  const redaction = options.redaction && new Redaction(options.redaction)
  const { deletedPods: deletedMax, podWaitMs, watchesPods: isWatching, asksRuntime } = options
  const pods = new Pods(procfs, { deletedMax, waitMs: podWaitMs, isWatching, asksRuntime })
  const clock = new WallClock(bootEpochNs())
  return {
    out,
    procfs,
    content,
    node,
    redaction,
    waiting,
    clock,
    findings: new Findings(
      (process) => processText(out, process, clock),
      options.findingsPerMinute,
    ),
    cache: new ProcessCache(),
    containers: new Containers(pods),
    pods,
    policySets: new PolicySets(pods),
    podWaitMs,
    execIds: new ExecIds(nodeName),
    counts: counting && new EventCounts(counting),
    stage:
      options.export &&
      new ExportStage(options.export, out, node, consumers, redaction !== undefined),
    variables: variables && new Set(variables),
  }
}

async function start(port: Port): Promise<void> {
  const options = awaitBeginning<WorkerOptions>(port)
  if (options === undefined) return port.close()
  const report = (report: Report): void => port.postMessage(report)
  if (options.export) await prepareExport(options.export)
  await run(options, report, port)
  report({ kind: 'stopped' })
  port.close()
}

// A failure becomes an error of the thread.
if (parentPort) start(parentPort)

import { parseEvent } from '@tetragon-ts/api'
import { noCounts } from '@tetragon-ts/outputs/queue'
import { ExecIds } from '../../processes/process.ts'
import { ProcessCache } from '../../processes/process-cache.ts'
import { Containers } from '../../workloads/containers.ts'
import { Counters } from '../counters.ts'
import { plainContent } from '../event-content.ts'
import { Findings } from '../findings/findings.ts'
import { EventBuffer, WallClock } from '../json/event-lines.ts'
import { NodeFields } from '../json/node-fields.ts'
import { processText } from '../json/process-json.ts'
import { EventTap } from '../outputs/event-tap.ts'
import type { Sink } from '../outputs/sink.ts'
import { Pipeline } from '../pipeline.ts'
import { runningRecord, type TestProcess } from './test-records.ts'
import { TestSource } from './test-source.ts'

/** Keeps its lines. */
export class TestSink implements Sink {
  readonly lines: string[] = []
  readonly lostEvents = noCounts()
  readonly isCrowded = false
  readonly rest = Number.POSITIVE_INFINITY
  readonly pending = undefined
  writtenBytes = 0
  /** Size of the queue that the sink reports. */
  queuedBytes = 0
  isClosed = false
  hasReportedLoss = false

  get writtenEvents(): number {
    return this.lines.length
  }

  write(bytes: Buffer, length: number): undefined {
    this.writtenBytes += length
    this.lines.push(...bytes.toString('utf8', 0, length).split('\n').slice(0, -1))
  }

  proceed(): void {}

  reportLoss(): void {
    this.hasReportedLoss = true
  }

  close(): void {
    this.isClosed = true
  }
}

/** A pipeline of records in memory. @param output gets the events in place of the sink */
export function testPipeline(output?: Sink) {
  const source = new TestSource()
  const sink = new TestSink()
  const counters = new Counters()
  const out = new EventBuffer()
  const failures: string[] = []
  const tap = new EventTap(
    out.processOffsets,
    () => {},
    (reason) => failures.push(reason),
  )
  const clock = new WallClock(0n)
  const context = {
    out,
    clock,
    cache: new ProcessCache(),
    procfs: '/proc',
    content: plainContent,
    containers: new Containers(),
    execIds: new ExecIds('n'),
    node: new NodeFields('n', ''),
    findings: new Findings((process) => processText(out, process, clock)),
  }
  const pipeline = new Pipeline(source, context, tap, output ?? sink, counters)
  /** The events since the last call. */
  const events = () =>
    sink.lines.splice(0).map((line) => {
      const parsed = parseEvent(line)
      if (!parsed.ok) throw new Error(line)
      return parsed.event.response
    })
  return { source, sink, counters, tap, failures, clock, context, pipeline, events }
}

/** A shell that started before the agent. */
export const shell: TestProcess = { pid: 100, start: 1000, parent: { pid: 0, start: 1 } }

/** A pipeline with the shell as the only running process. */
export function startedPipeline() {
  const test = testPipeline()
  test.pipeline.begin()
  test.source.add(runningRecord(shell))
  test.pipeline.drain(1024)
  test.pipeline.discovered(undefined)
  test.events()
  return test
}

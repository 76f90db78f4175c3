import { type RecordMemory, type RecordReader, reader } from '@tetragon-ts/ebpf/records'
import { eventClass } from '@tetragon-ts/outputs/queue'
import { quietTime, reportInterval, ThrottleRecord } from '@tetragon-ts/sensors/process/cgroup-rate'
import { countedTypes } from '../counted-types.ts'
import type { EventContext } from '../event-context.ts'
import { writeEnvelope } from '../json/event-lines.ts'
import type { RecordHandler } from './record-handler.ts'

const throttleType = countedTypes.indexOf('PROCESS_THROTTLE')
const nsInMs = 1e6
/** Interval at which the kernel side reports ongoing throttling; without a report it has ended. */
const silenceMs = (quietTime + reportInterval) / nsInMs
/** How often to check for silent groups, in milliseconds. */
const lookInterval = 1000

/** A throttled control group. */
interface Throttled {
  /** As JSON without quotes, in latin1. */
  readonly name: string
  /** Last time that it exceeded the rate: boot time in nanoseconds, and `performance.now`. */
  time: number
  at: number
}

/** Events `process_throttle`: the throttling of a control group starts or ends. */
export class ThrottleEvents implements RecordHandler {
  readonly #context: EventContext
  readonly #memory: RecordMemory
  readonly #record: RecordReader<typeof ThrottleRecord.shape>
  readonly #throttled = new Map<number, Throttled>()
  /** Events written. */
  written = 0

  constructor(context: EventContext, memory: RecordMemory) {
    this.#context = context
    this.#memory = memory
    this.#record = reader(ThrottleRecord, memory)
  }

  /** Milliseconds after which to call `endBatch`; infinite while no group is throttled. */
  get rest(): number {
    return this.#throttled.size === 0 ? Number.POSITIVE_INFINITY : lookInterval
  }

  /** A group exceeds the rate, or no longer does. */
  record(offset: number): void {
    const record = this.#record
    record.at(offset)
    const { cgroup, time } = record
    const known = this.#throttled.get(cgroup)
    if (record.isOver === 0) {
      if (known) this.#end(cgroup, known, time)
    } else if (known) {
      known.time = time
      known.at = performance.now()
    } else {
      const name = this.#name(offset)
      this.#throttled.set(cgroup, { name, time, at: performance.now() })
      this.#write('THROTTLE_START', name, time)
    }
  }

  /** Ends throttling without reports: a group without events sends none. */
  endBatch(): void {
    if (this.#throttled.size === 0) return
    const now = performance.now()
    for (const [cgroup, throttled] of this.#throttled) {
      if (now - throttled.at < silenceMs) continue
      this.#end(cgroup, throttled, throttled.time + quietTime)
    }
  }

  /** It has no counters besides its events. */
  count(): void {}

  #end(cgroup: number, { name }: Throttled, time: number): void {
    this.#throttled.delete(cgroup)
    this.#write('THROTTLE_STOP', name, time)
  }

  /** The root of a hierarchy has no name. */
  #name(offset: number): string {
    const { bytes } = this.#memory
    const from = offset + ThrottleRecord.field('name').offset
    const end = from + ThrottleRecord.shape.name.length
    const zero = bytes.subarray(from, end).indexOf(0)
    const { out } = this.#context
    const start = out.length
    out.jsonText(bytes, from, zero < 0 ? end : from + zero)
    const name = out.latin1Since(start)
    out.length = start
    return name || '/'
  }

  #write(type: string, cgroup: string, time: number): void {
    const { out, counts, stage } = this.#context
    const from = out.length
    counts?.count(throttleType, undefined)
    this.written++
    out.latin1(`{"process_throttle":{"type":"${type}","cgroup":"`)
    out.latin1(cgroup)
    out.latin1('"}')
    const [high, low] = [Math.floor(time / 2 ** 32), time % 2 ** 32]
    writeEnvelope(this.#context, eventClass.process, high, low)
    stage?.event(from, 'process_throttle', undefined, undefined, undefined)
  }
}

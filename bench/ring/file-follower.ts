import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import {
  createHistogram,
  type IntervalHistogram,
  monitorEventLoopDelay,
  type RecordableHistogram,
} from 'node:perf_hooks'
import { bootEpochNs, bootTimeNs } from '@tetragon-ts/ebpf/sys'

/** Times in milliseconds. */
export interface Percentiles {
  readonly count: number
  readonly median: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

export interface FollowerReport {
  /** From the kernel's time in an event until its line was found in the file. */
  readonly latencies: Percentiles
  /** How late the follower itself was: part of the latencies. */
  readonly ownDelays: Percentiles
}

const pollMs = 1
const chunk = Buffer.allocUnsafe(1 << 22)
/** The end of an event: `"time":"2026-11-24T18:10:01.996907065Z"}`, without zeros at the end. */
const endOfTime = 'Z"}'.length
const timeLength = '2026-11-24T18:10:01.996907065'.length
const minuteNs = 60e9

/** Follows an export file, and measures how old the events are when their lines appear in it. */
export class FileFollower {
  readonly #fd: number
  readonly #timer: NodeJS.Timeout
  readonly #latencies: RecordableHistogram = createHistogram()
  readonly #delays: IntervalHistogram = monitorEventLoopDelay({ resolution: pollMs })
  readonly #measuresFrom: number
  #position = 0
  #kept = 0
  #epochNs = bootEpochNs()
  #epochAt = performance.now()

  /** @param ignoredMs time from now on in which nothing is measured */
  constructor(file: string, ignoredMs: number) {
    this.#fd = openSync(file, 'r')
    this.#measuresFrom = performance.now() + ignoredMs
    this.#timer = setInterval(() => this.#poll(), pollMs)
  }

  end(): FollowerReport {
    clearInterval(this.#timer)
    closeSync(this.#fd)
    this.#delays.disable()
    return { latencies: percentiles(this.#latencies), ownDelays: percentiles(this.#delays) }
  }

  #poll(): void {
    const now = performance.now()
    if (now - this.#epochAt > 1000) {
      this.#epochNs = bootEpochNs()
      this.#epochAt = now
    }
    const isMeasuring = now > this.#measuresFrom
    if (isMeasuring) this.#delays.enable()
    const { size } = fstatSync(this.#fd)
    if (size < this.#position) this.#position = this.#kept = 0
    for (;;) {
      const length = readSync(this.#fd, chunk, {
        offset: this.#kept,
        length: chunk.length - this.#kept,
        position: this.#position,
      })
      if (length === 0) return
      this.#position += length
      this.#readLines(this.#kept + length, isMeasuring)
    }
  }

  #readLines(length: number, isMeasuring: boolean): void {
    const nowNs = Number((this.#epochNs + bootTimeNs()) % BigInt(minuteNs))
    let start = 0
    for (;;) {
      const end = chunk.subarray(0, length).indexOf('\n', start)
      if (end < 0) break
      const time =
        isMeasuring && chunk.toString('latin1', end - endOfTime - timeLength, end - endOfTime)
      if (time) this.#record(time, nowNs)
      start = end + 1
    }
    chunk.copyWithin(0, start, length)
    this.#kept = length - start
  }

  /** @param text ends with the seconds of the time of an event */
  #record(text: string, nowNs: number): void {
    const timeNs = Number(text.slice(text.lastIndexOf(':') + 1)) * 1e9
    if (Number.isNaN(timeNs)) throw new Error(`read the time of an event: ${text}`)
    const age = (nowNs - timeNs + minuteNs) % minuteNs
    this.#latencies.record(Math.max(1, Math.round(age)))
  }
}

function percentiles(histogram: IntervalHistogram | RecordableHistogram): Percentiles {
  const ms = (ns: number): number => ns / 1e6
  return {
    count: histogram.count,
    median: ms(histogram.percentile(50)),
    p99: ms(histogram.percentile(99)),
    p999: ms(histogram.percentile(99.9)),
    max: ms(histogram.max),
  }
}

import type { MessagePort } from 'node:worker_threads'
import type { EventClass } from '@tetragon-ts/outputs/queue'
import { addLines, type LineBuffer, type LineRun } from '../json/event-lines.ts'
import { framePrefix, putFrame } from './framing.ts'
import { SharedRing } from './shared-ring.ts'

const newline = 0x0a
/** A larger buffer, caused by one huge event, is released. */
const largestKept = 1 << 24

/** The way from the reader's thread to the one of the outputs. */
export interface OutputLink {
  readonly ring: SharedArrayBuffer
  /** Gets a message when events are available while the other thread sleeps. */
  readonly port: MessagePort
}

/**
 * Hands the lines of events to the thread of the outputs. That thread never blocks this one: lines
 * that it does not fetch in time are counted in the ring and dropped, by class.
 */
export class OutputTap {
  readonly #ring: SharedRing
  readonly #port: MessagePort
  #frames = Buffer.allocUnsafeSlow(1 << 16)
  #length = 0
  #runs: LineRun[] = []

  constructor({ ring, port }: OutputLink) {
    this.#ring = new SharedRing(ring)
    this.#port = port
    // It only sends, and must not keep the thread alive.
    port.unref()
  }

  /** Writes lines. */
  write({ bytes, runs }: LineBuffer): void {
    this.#length = 0
    this.#runs = []
    let at = 0
    for (const { eventClass, to } of runs) {
      while (at < to) at = this.#frame(bytes, at, to, eventClass)
    }
    if (this.#ring.write(this.#frames, this.#runs)) this.#port.postMessage(0)
    if (this.#frames.length > largestKept) this.#frames = Buffer.allocUnsafeSlow(1 << 16)
  }

  /** Frames a line without its newline. @returns the start of the next line */
  #frame(lines: Buffer, from: number, limit: number, of: EventClass): number {
    const found = lines.indexOf(newline, from)
    const end = found < 0 || found > limit ? limit : found
    const start = this.#length
    this.#reserve(framePrefix + end - from)
    lines.copy(this.#frames, start + framePrefix, from, end)
    this.#length += framePrefix + end - from
    putFrame(this.#frames, start, this.#length, of)
    addLines(this.#runs, of, this.#length)
    return end + 1
  }

  #reserve(count: number): void {
    const needed = this.#length + count
    if (needed <= this.#frames.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#frames.length))
    this.#frames.copy(larger, 0, 0, this.#length)
    this.#frames = larger
  }
}

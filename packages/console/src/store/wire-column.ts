import { ByteArena } from './byte-arena.ts'
import { type ByteRange, sharedRanges } from './shared-ranges.ts'

/** Maximum shared parts of an event. */
const partsMax = 2
/** Bytes of a part beside its content, about. */
const partSize = 40
/** Different texts for different bytes. */
const keyDecoder = new TextDecoder('latin1')

/**
 * Events in wire form. Their processes, which occur in many of them, are kept once: they are taken
 * out of the bytes of an event, and put back where they were when it is read.
 */
export class WireColumn {
  readonly #arena = new ByteArena()
  /** For each event where its bytes without parts are. */
  #starts: Uint32Array
  #ends: Uint32Array
  /** For each event the offsets of parts in these bytes, and their numbers. */
  #partOffsets: Uint32Array
  #partNumbers: Uint16Array
  /** Parts by their numbers, from 1 on; 0: none. */
  readonly #parts: ByteRange[] = [{ start: 0, end: 0 }]
  #numbers = new Map<string, number>()

  /** @param eventsMax number of events */
  constructor(eventsMax: number) {
    this.#starts = new Uint32Array(eventsMax)
    this.#ends = new Uint32Array(eventsMax)
    this.#partOffsets = new Uint32Array(eventsMax * partsMax)
    this.#partNumbers = new Uint16Array(eventsMax * partsMax)
  }

  /** Bytes that it takes, about. */
  get size(): number {
    const columns = this.#starts.length * (8 + 6 * partsMax)
    return this.#arena.size + this.#parts.length * partSize + columns
  }

  /** Bytes of the events. */
  get end(): number {
    return this.#arena.end
  }

  /** Sets the event at an index. */
  set(index: number, bytes: Uint8Array): void {
    const ranges = sharedRanges(bytes)
    const numbers = ranges.map(({ start, end }) => this.#numberOf(bytes.subarray(start, end)))
    const start = this.#arena.end
    let at = 0
    for (const [i, range] of ranges.entries()) {
      this.#arena.append(bytes.subarray(at, range.start))
      this.#partOffsets[index * partsMax + i] = this.#arena.end - start
      this.#partNumbers[index * partsMax + i] = numbers[i]
      at = range.end
    }
    this.#arena.append(bytes.subarray(at))
    this.#starts[index] = start
    this.#ends[index] = this.#arena.end
  }

  /** A copy of the event at an index. */
  get(index: number): Uint8Array {
    const [from, to] = [this.#starts[index], this.#ends[index]]
    const parts = index * partsMax
    let size = to - from
    for (let i = parts; i < parts + partsMax; i++) {
      const { start, end } = this.#parts[this.#partNumbers[i]]
      size += end - start
    }
    const bytes = new Uint8Array(size)
    let [own, written] = [from, 0]
    const take = (start: number, end: number): void => {
      this.#arena.copy(start, end, bytes, written)
      written += end - start
    }
    for (let i = parts; i < parts + partsMax; i++) {
      const { start, end } = this.#parts[this.#partNumbers[i]]
      if (start === end) break
      take(own, from + this.#partOffsets[i])
      take(start, end)
      own = from + this.#partOffsets[i]
    }
    take(own, to)
    return bytes
  }

  /** Gives back what more than `count` events would need. */
  seal(count: number): void {
    this.#numbers = new Map()
    this.#arena.trim()
    this.#starts = this.#starts.slice(0, count)
    this.#ends = this.#ends.slice(0, count)
    this.#partOffsets = this.#partOffsets.slice(0, count * partsMax)
    this.#partNumbers = this.#partNumbers.slice(0, count * partsMax)
  }

  #numberOf(part: Uint8Array): number {
    const key = keyDecoder.decode(part)
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const start = this.#arena.end
    this.#arena.append(part)
    this.#numbers.set(key, this.#parts.length)
    return this.#parts.push({ start, end: this.#arena.end }) - 1
  }
}

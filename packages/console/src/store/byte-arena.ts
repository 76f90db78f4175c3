import type { Word } from './word.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Bytes one after the other in one buffer, which grows. */
export class ByteArena {
  #bytes = new Uint8Array(1 << 14)
  /** Bytes that are used. */
  end = 0

  /** Bytes that it takes. */
  get size(): number {
    return this.#bytes.length
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.end)
    this.end += bytes.length
  }

  /** Appends a text as UTF-8. */
  appendText(text: string): void {
    this.#reserve(3 * text.length)
    this.end += encoder.encodeInto(text, this.#bytes.subarray(this.end)).written
  }

  /** Copies a range to a position of other bytes. */
  copy(start: number, end: number, target: Uint8Array, at: number): void {
    // Most ranges are short: a view of them costs more than the copy.
    if (end - start > 64) return target.set(this.#bytes.subarray(start, end), at)
    for (let i = start; i < end; i++) target[at + i - start] = this.#bytes[i]
  }

  /** Bytes of a range, not copied. */
  bytes(start: number, end: number): Uint8Array {
    return this.#bytes.subarray(start, end)
  }

  text(start: number, end: number): string {
    return decoder.decode(this.#bytes.subarray(start, end))
  }

  /** Whether a range of text has a word. */
  has(word: Word, start: number, end: number): boolean {
    return word.isInBytes(this.#bytes, start, end) ?? word.isIn(this.text(start, end))
  }

  /** Gives back what is not used. */
  trim(): void {
    this.#bytes = this.#bytes.slice(0, this.end)
  }

  #reserve(count: number): void {
    const size = this.end + count
    if (size <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(size, 2 * this.#bytes.length))
    larger.set(this.#bytes)
    this.#bytes = larger
  }
}

import type { Wakeup } from '@tetragon-ts/ebpf/ringbuf'
import type { LoopParts } from '../loop.ts'

const size = 1 << 18

/** Records in memory, in place of a ring. */
export class TestSource {
  readonly size = size
  readonly bytes = new Uint8Array(size)
  readonly #records: { readonly offset: number; readonly length: number }[] = []
  #end = 0
  #stopped = false
  /** Result of `wait`. */
  wakeup: Wakeup = 'records'
  isClosed = false

  /** Adds records to the memory, which has room for a few thousand. */
  add(...records: readonly Uint8Array[]): void {
    for (const record of records) {
      this.bytes.set(record, this.#end)
      this.#records.push({ offset: this.#end, length: record.length })
      this.#end += (record.length + 7) & ~7
    }
  }

  /** A program is writing the record at this position for the next reads: none gets past it. */
  busy: { readonly at: number; reads: number } | undefined

  /** Makes the memory free for other records, when all have been read. */
  reuse(): void {
    this.#end = 0
  }

  /** In place of the length of the records that wait. */
  pendingBytes: number | undefined

  get pending(): number {
    return this.pendingBytes ?? this.#records.reduce((sum, { length }) => sum + length + 8, 0)
  }

  read(callback: (offset: number, length: number) => void, limit = Infinity): number {
    this.#stopped = false
    const { busy } = this
    if (busy && busy.reads-- <= 0) this.busy = undefined
    const free = this.busy ? busy?.at : undefined
    let read = 0
    for (; read < limit && !this.#stopped; read++) {
      if (this.#records[0]?.offset === free) break
      const record = this.#records.shift()
      if (!record) break
      callback(record.offset, record.length)
    }
    return read
  }

  /** @param from number of the record */
  peek(callback: (offset: number, length: number) => boolean, from = 0): number {
    let at = from
    for (; at < this.#records.length; at++) {
      const { offset, length } = this.#records[at]
      if (!callback(offset, length)) break
    }
    return at
  }

  /** @param count result of `peek` */
  release(count: number): void {
    this.#records.splice(0, count)
  }

  stop(): void {
    this.#stopped = true
  }

  get position(): number {
    return this.#records[0]?.offset ?? this.#end
  }

  get end(): number {
    return this.#end
  }

  hasReached(): boolean {
    return this.#records.length === 0
  }

  wait(): Wakeup {
    return this.wakeup
  }

  close(): void {
    this.isClosed = true
  }
}

/** Checked here instead of in each test. */
new TestSource() satisfies LoopParts['source']

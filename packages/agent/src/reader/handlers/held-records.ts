import { type RecordMemory, recordMemory } from '@tetragon-ts/ebpf/records'

const chunkSize = 1 << 20
/** Bytes that are held at most. */
const heldMax = 1 << 25

interface Chunk {
  readonly memory: RecordMemory
  readonly offsets: number[]
  end: number
}

/** Copies of records, in the order in which they left the ring. */
export class HeldRecords {
  readonly #chunks: Chunk[] = []
  #bytes = 0

  /** Whether there is no room for more. */
  get isFull(): boolean {
    return this.#bytes >= heldMax
  }

  add(record: Uint8Array): void {
    const size = (record.length + 7) & ~7
    let chunk = this.#chunks.at(-1)
    if (chunk === undefined || chunk.end + size > chunk.memory.bytes.length) {
      const memory = recordMemory(new ArrayBuffer(Math.max(chunkSize, size)))
      chunk = { memory, offsets: [], end: 0 }
      this.#chunks.push(chunk)
    }
    chunk.memory.bytes.set(record, chunk.end)
    chunk.offsets.push(chunk.end)
    chunk.end += size
    this.#bytes += size
  }

  /** Calls back for each record, after it has announced the memory that the next ones are in. */
  forEach(memory: (memory: RecordMemory) => void, record: (offset: number) => void): void {
    for (const chunk of this.#chunks) {
      memory(chunk.memory)
      for (const offset of chunk.offsets) record(offset)
    }
  }
}

import { type RecordMemory, recordMemory } from '@tetragon-ts/ebpf/records'

const chunkSize = 1 << 20
/** Maximum number of bytes that are held. */
const heldMax = 1 << 25

interface Chunk {
  readonly memory: RecordMemory
  readonly offsets: number[]
  end: number
}

/** Copies of records, in ring order. */
export class HeldRecords {
  readonly #chunks: Chunk[] = []
  #bytes = 0

  /** Whether the memory is full. */
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

  /** Calls back for each record, after announcing the memory of the next ones. */
  forEach(memory: (memory: RecordMemory) => void, record: (offset: number) => void): void {
    for (const chunk of this.#chunks) {
      memory(chunk.memory)
      for (const offset of chunk.offsets) record(offset)
    }
  }
}

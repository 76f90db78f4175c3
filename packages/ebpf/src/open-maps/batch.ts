import {
  type BpfCommand,
  bpfAttrSize,
  bpfCommand,
  bpfRaw,
  lastErrno,
  Memory,
  SystemCallError,
} from '../sys/index.ts'
import { entryCount } from './entry-count.ts'
import { lacksOperation } from './lacks-operation.ts'
import type { OpenMap } from './open-map.ts'

const ENOENT = 2
const ENOSPC = 28
const batchBytes = 1 << 16
const maxBatch = 1024

/** Native memory of one batch call: attributes, two cursors, keys and values. */
class Batch<K, V> implements Disposable {
  readonly capacity: number
  readonly keys: DataView
  readonly values: DataView
  /** Both cursors: what a walk has to take along into a larger batch. */
  readonly cursors: Uint8Array
  readonly #memory: Memory
  readonly #attr: Memory
  readonly #cursorSize: number

  constructor(map: OpenMap<K, V>, capacity: number) {
    this.capacity = capacity
    // The cursor is a bucket number or a key, as the map's type has it (kernel/bpf/syscall.c,
    // generic_map_lookup_batch; kernel/bpf/hashtab.c, __htab_map_lookup_and_delete_batch).
    const cursor = Math.ceil(Math.max(8, map.key.size) / 8) * 8
    const keyBytes = Math.ceil((map.key.size * capacity) / 8) * 8
    const keysAt = bpfAttrSize + 2 * cursor
    this.#memory = Memory.allocate(keysAt + keyBytes + map.value.size * capacity)
    this.#attr = this.#memory.slice(0, bpfAttrSize)
    const { address } = this.#memory
    this.#cursorSize = cursor
    this.cursors = this.#memory.slice(bpfAttrSize, 2 * cursor).bytes
    this.keys = this.#memory.slice(keysAt, keyBytes).view
    this.values = this.#memory.slice(keysAt + keyBytes, map.value.size * capacity).view
    const { view } = this.#attr
    view.setBigUint64(16, BigInt(address + keysAt), true)
    view.setBigUint64(24, BigInt(address + keysAt + keyBytes), true)
    view.setUint32(36, map.fd.number, true)
  }

  /** Sets the cursors for the n-th call of a walk; they swap their roles each time. */
  cursor(call: number): void {
    const { view } = this.#attr
    const first = this.#memory.address + bpfAttrSize
    const [odd, even] = [first, first + this.#cursorSize]
    view.setBigUint64(0, call === 0 ? 0n : BigInt(call & 1 ? even : odd), true)
    view.setBigUint64(8, BigInt(call & 1 ? odd : even), true)
  }

  /** @returns error number, 0 on success */
  call(command: BpfCommand, count: number): number {
    this.#attr.view.setUint32(32, count, true)
    return bpfRaw(command, this.#attr) < 0 ? lastErrno() : 0
  }

  /** Entries that the last call handled. */
  get count(): number {
    return this.#attr.view.getUint32(32, true)
  }

  [Symbol.dispose](): void {
    this.#memory.free()
  }
}

function capacityOf<K, V>(map: OpenMap<K, V>): number {
  const entry = Math.max(1, map.key.size + map.value.size)
  const fitting = Math.max(1, Math.floor(batchBytes / entry))
  return Math.max(1, Math.min(maxBatch, fitting, entryCount(map.spec)))
}

/** Walks a map in batches. Kernel 5.6 for hash tables and arrays; other types came later. */
export class BatchReader<K, V> implements Disposable {
  /** False when the map's type has no batches in this kernel. */
  readonly available: boolean
  readonly #map: OpenMap<K, V>
  readonly #command: BpfCommand
  #batch: Batch<K, V>
  #errno: number

  constructor(map: OpenMap<K, V>, command: BpfCommand) {
    this.#map = map
    this.#command = command
    this.#batch = new Batch(map, capacityOf(map))
    this.#errno = this.#step(0)
    this.available = !lacksOperation(this.#errno)
  }

  *entries(): Generator<[K, V], void, undefined> {
    const { key, value } = this.#map
    for (let call = 1; ; call++) {
      if (this.#errno !== 0 && this.#errno !== ENOENT) {
        throw new SystemCallError(`read map ${this.#map.name}`, this.#errno)
      }
      // Decoded before the first is given away: the memory may be used again or freed by then.
      const { count, keys, values } = this.#batch
      const entries: [K, V][] = new Array(count)
      for (let i = 0; i < count; i++) {
        entries[i] = [key.decode(keys, i * key.size), value.decode(values, i * value.size)]
      }
      const ended = this.#errno === ENOENT
      yield* entries
      if (ended) return
      this.#errno = this.#step(call)
    }
  }

  /** One call; the batch grows until the fullest bucket of a hash table fits. */
  #step(call: number): number {
    this.#batch.cursor(call)
    let errno = this.#batch.call(this.#command, this.#batch.capacity)
    while (errno === ENOSPC && this.#batch.count === 0) {
      const capacity = this.#batch.capacity * 2
      const larger = new Batch(this.#map, capacity)
      larger.cursors.set(this.#batch.cursors)
      this.#batch[Symbol.dispose]()
      this.#batch = larger
      this.#batch.cursor(call)
      errno = this.#batch.call(this.#command, capacity)
    }
    return errno
  }

  [Symbol.dispose](): void {
    this.#batch[Symbol.dispose]()
  }
}

/**
 * Stores entries in batches.
 * @returns how many are stored; what is left is to be stored one by one
 */
export function batchUpdate<K, V>(
  map: OpenMap<K, V>,
  entries: readonly (readonly [K, V])[],
): number {
  if (entries.length < 2) return 0
  using batch = new Batch(map, Math.min(entries.length, capacityOf(map)))
  for (let start = 0; start < entries.length; start += batch.capacity) {
    const count = Math.min(batch.capacity, entries.length - start)
    for (let i = 0; i < count; i++) {
      map.key.encode(entries[start + i][0], batch.keys, i * map.key.size)
      map.value.encode(entries[start + i][1], batch.values, i * map.value.size)
    }
    const errno = batch.call(bpfCommand.mapUpdateBatch, count)
    // Done one by one, the entry that failed says why.
    if (errno !== 0) return lacksOperation(errno) ? start : start + Math.min(batch.count, count)
  }
  return entries.length
}

/** Deletes keys in batches. @returns how many are done */
export function batchDelete<K, V>(map: OpenMap<K, V>, keys: readonly K[]): number {
  if (keys.length < 2) return 0
  using batch = new Batch(map, Math.min(keys.length, capacityOf(map)))
  for (let start = 0; start < keys.length; start += batch.capacity) {
    const count = Math.min(batch.capacity, keys.length - start)
    for (let i = 0; i < count; i++) map.key.encode(keys[start + i], batch.keys, i * map.key.size)
    const errno = batch.call(bpfCommand.mapDeleteBatch, count)
    // The kernel stops at the first key that is absent: from there on it goes one by one.
    if (errno !== 0) return lacksOperation(errno) ? start : start + Math.min(batch.count, count)
  }
  return keys.length
}

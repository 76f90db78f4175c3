import { unlinkSync } from 'node:fs'
import { mapFlag } from '../maps/map-type.ts'
import type { MapSpec } from '../maps/spec.ts'
import type { Codec } from '../records/codec.ts'
import {
  type BpfCommand,
  bpf,
  bpfAttrSize,
  bpfCommand,
  bpfRaw,
  type Fd,
  lastErrno,
  Memory,
  SystemCallError,
} from '../sys/index.ts'
import { BatchReader, batchDelete, batchUpdate } from './batch.ts'
import { entryCount } from './entry-count.ts'
import { lacksOperation } from './lacks-operation.ts'
import { type MapInfo, mapInfo, mapMemory } from './map-info.ts'

const ENOENT = 2
const EEXIST = 17

/** When an update happens: always, only for a new key, only for a key that is there. */
export type UpdateCondition = 'any' | 'noexist' | 'exist'

const conditions: Record<UpdateCondition, number> = { any: 0, noexist: 1, exist: 2 }

/**
 * A map of the kernel. Single operations reuse native memory of the map: they allocate nothing but
 * what the codec returns. All throw SystemCallError, `update map connections: E2BIG (…)`.
 */
export class OpenMap<K, V> implements Disposable {
  readonly spec: MapSpec
  readonly fd: Fd
  readonly key: Codec<K>
  readonly value: Codec<V>
  readonly #memory: Memory
  readonly #element: Memory
  readonly #keyOnly: Memory
  readonly #keyView: DataView
  readonly #valueView: DataView
  #takesInOneCall = true

  /** @param value the codec of a whole value, that is of all CPUs' values for per-CPU maps */
  constructor(spec: MapSpec, fd: Fd, key: Codec<K>, value: Codec<V>) {
    this.spec = spec
    this.fd = fd
    this.key = key
    this.value = value
    const keyAt = 2 * bpfAttrSize
    const valueAt = keyAt + Math.ceil(key.size / 8) * 8
    this.#memory = Memory.allocate(valueAt + value.size)
    this.#element = this.#memory.slice(0, bpfAttrSize)
    // Deleting takes a key and nothing else: the kernel insists on zeros behind it.
    this.#keyOnly = this.#memory.slice(bpfAttrSize, bpfAttrSize)
    this.#keyView = this.#memory.slice(keyAt, key.size).view
    this.#valueView = this.#memory.slice(valueAt, value.size).view
    const { view, address } = this.#memory
    for (const at of [0, bpfAttrSize]) {
      view.setUint32(at, fd.number, true)
      view.setBigUint64(at + 8, BigInt(address + keyAt), true)
    }
    view.setBigUint64(16, BigInt(address + valueAt), true)
  }

  get name(): string {
    return this.spec.name
  }

  /** The value of a key, or undefined. */
  lookup(key: K): V | undefined {
    this.key.encode(key, this.#opened(), 0)
    this.#element.view.setUint32(24, 0, true)
    if (!this.#call(bpfCommand.mapLookupElem, this.#element, 'look up in', ENOENT)) return undefined
    return this.value.decode(this.#valueView, 0)
  }

  /** Stores a value; false when the condition kept it from happening. */
  update(key: K, value: V, condition: UpdateCondition = 'any'): boolean {
    this.key.encode(key, this.#opened(), 0)
    this.value.encode(value, this.#valueView, 0)
    const refusal = condition === 'noexist' ? EEXIST : condition === 'exist' ? ENOENT : 0
    this.#element.view.setUint32(24, conditions[condition], true)
    return this.#call(bpfCommand.mapUpdateElem, this.#element, 'update', refusal)
  }

  /** Deletes an entry; false when it was not there. */
  delete(key: K): boolean {
    this.key.encode(key, this.#opened(), 0)
    return this.#call(bpfCommand.mapDeleteElem, this.#keyOnly, 'delete from', ENOENT)
  }

  /**
   * Takes an entry out. One step in the kernel from 5.14 on; before that a program's change
   * between the two steps is lost.
   */
  lookupAndDelete(key: K): V | undefined {
    const view = this.#opened()
    this.key.encode(key, view, 0)
    if (this.#takesInOneCall) {
      this.#element.view.setUint32(24, 0, true)
      if (bpfRaw(bpfCommand.mapLookupAndDeleteElem, this.#element) >= 0) {
        return this.value.decode(this.#valueView, 0)
      }
      const errno = lastErrno()
      if (errno === ENOENT) return undefined
      if (!lacksOperation(errno)) throw new SystemCallError(this.#action('take from'), errno)
      this.#takesInOneCall = false
    }
    const value = this.lookup(key)
    return value !== undefined && this.delete(key) ? value : undefined
  }

  /**
   * All keys. Entries that come or go during the walk may be missed or, in hash tables of kernels
   * that lack batches, be given twice. Deleting the key just given is fine.
   */
  *keys(): Generator<K, void, undefined> {
    const size = Math.max(8, this.key.size)
    this.#opened()
    using memory = Memory.allocate(bpfAttrSize + 2 * size)
    const attr = memory.slice(0, bpfAttrSize)
    const current = memory.slice(bpfAttrSize, size)
    const next = memory.slice(bpfAttrSize + size, size)
    attr.view.setUint32(0, this.fd.number, true)
    attr.view.setBigUint64(16, BigInt(next.address), true)
    // A deleted key makes the kernel start over, so the walk is bounded: a table under steady
    // change would otherwise keep it busy for ever.
    let left = 2 * entryCount(this.spec) + 1
    while (bpfRaw(bpfCommand.mapGetNextKey, attr) >= 0) {
      if (left-- === 0) return
      const key = this.key.decode(next.view, 0)
      current.bytes.set(next.bytes)
      attr.view.setBigUint64(8, BigInt(current.address), true)
      // The step is made before the key is given away, so that its deletion does no harm.
      const last = bpfRaw(bpfCommand.mapGetNextKey, attr) < 0
      const errno = last ? lastErrno() : 0
      if (last && errno !== ENOENT) throw new SystemCallError(this.#action('walk'), errno)
      yield key
      if (last) return
    }
    const errno = lastErrno()
    if (errno !== ENOENT) throw new SystemCallError(this.#action('walk'), errno)
  }

  /** All entries, read in batches where the kernel has them. */
  *entries(): Generator<[K, V], void, undefined> {
    this.#opened()
    using reader = new BatchReader(this, bpfCommand.mapLookupBatch)
    if (reader.available) {
      yield* reader.entries()
      return
    }
    for (const key of this.keys()) {
      const value = this.lookup(key)
      if (value !== undefined) yield [key, value]
    }
  }

  [Symbol.iterator](): Generator<[K, V], void, undefined> {
    return this.entries()
  }

  /** Takes all entries out, in batches where the kernel has them (hash tables from 5.6 on). */
  drain(): [K, V][] {
    this.#opened()
    using reader = new BatchReader(this, bpfCommand.mapLookupAndDeleteBatch)
    if (reader.available) return [...reader.entries()]
    const entries: [K, V][] = []
    for (const key of [...this.keys()]) {
      const value = this.lookupAndDelete(key)
      if (value !== undefined) entries.push([key, value])
    }
    return entries
  }

  /** Whether this kernel reads maps of this type in batches. */
  hasBatches(): boolean {
    this.#opened()
    using reader = new BatchReader(this, bpfCommand.mapLookupBatch)
    return reader.available
  }

  /** Stores many entries, in few calls where the kernel has batches. */
  updateAll(entries: readonly (readonly [K, V])[]): void {
    this.#opened()
    const done = batchUpdate(this, entries)
    for (let i = done; i < entries.length; i++) this.update(entries[i][0], entries[i][1])
  }

  /** Deletes many keys; those that are not there do not matter. */
  deleteAll(keys: readonly K[]): void {
    this.#opened()
    const done = batchDelete(this, keys)
    for (let i = done; i < keys.length; i++) this.delete(keys[i])
  }

  /** Forbids user space any further change; programs may go on writing. Kernel 5.2. */
  freeze(): void {
    const fd = this.fd.number
    bpf(bpfCommand.mapFreeze, (attr) => attr.u32(0, fd), this.#action('freeze'))
  }

  /** Gives the map a name in a bpf file system, under which it outlives this process. */
  pin(path: string): void {
    const fd = this.fd.number
    const action = `${this.#action('pin')} at ${path}`
    bpf(bpfCommand.objPin, (attr) => void attr.u32(8, fd).string(0, path), action)
  }

  /** Takes a pin away; the map lives on while anything else holds it. */
  unpin(path: string): void {
    unlinkSync(path)
  }

  /**
   * Maps the values of an array declared `mmapable`: values stand at multiples of 8 bytes. The
   * memory is the caller's to free, and outlives the map's descriptor.
   */
  map(writable = true): Memory {
    if ((this.spec.flags & mapFlag.mmapable) === 0) {
      throw new Error(`map ${this.name} into memory: it was not declared mmapable`)
    }
    const size = Math.ceil(this.value.size / 8) * 8 * entryCount(this.spec)
    return Memory.map(this.fd.number, 0, size, writable, `map ${this.name}`)
  }

  /** What the kernel knows of the map. */
  info(): MapInfo {
    return mapInfo(this.fd, this.#action('ask for'))
  }

  /** Bytes of kernel memory, see {@link mapMemory}. */
  memory(): number | undefined {
    return mapMemory(this.fd)
  }

  /** Lets go of the map; it lives on while a program, a pin or another descriptor holds it. */
  close(): void {
    if (this.fd.closed) return
    this.fd.close()
    this.#memory.free()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** The memory of the key; throws when the map was closed, for the memory is gone then. */
  #opened(): DataView {
    if (this.fd.closed) throw new Error(`${this.#action('use')}: it was closed before`)
    return this.#keyView
  }

  #action(verb: string): string {
    return `${verb} map ${this.name}`
  }

  /** True on success, false on the one error that is an answer; throws on all others. */
  #call(command: BpfCommand, attr: Memory, verb: string, answer: number): boolean {
    if (bpfRaw(command, attr) >= 0) return true
    const errno = lastErrno()
    if (errno === answer) return false
    throw new SystemCallError(this.#action(verb), errno)
  }
}

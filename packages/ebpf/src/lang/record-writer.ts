import type { MapSpec } from '../maps/index.ts'
import type { RecordType, RecordValue, Shape } from '../records/index.ts'
import type { Bytes } from './bytes.ts'
import type { Code } from './code.ts'
import type { Int, IntLike, Variable } from './int.ts'
import { recordLayout } from './layout.ts'
import { type Input, makePointer } from './pointer.ts'

/** A tail that was written. */
export interface TailBytes {
  readonly bytes: Bytes
  readonly length: Int
  /** No tail is longer. */
  readonly max: number
}

/**
 * Puts a record with tails together in scratch memory and sends it in one piece. Tails take the
 * room they need, no more.
 */
export class RecordWriter<S extends Shape> {
  readonly #k: Code
  readonly #type: RecordType<S>
  readonly #memory: Bytes
  readonly #limit: number
  readonly #end: Variable

  /**
   * @param memory scratch memory of at least `limit` + 1 + the largest tail
   * @param limit largest offset at which a tail may start; 2^n - 1, so that a mask proves it
   */
  constructor(k: Code, type: RecordType<S>, memory: Bytes, limit: number) {
    this.#k = k
    this.#type = type
    this.#memory = memory
    this.#limit = limit
    this.#end = k.variable(type.size)
    const step = type.size % 8 === 0 ? 8 : 4
    for (let at = 0; at < type.size; at += step) memory.store(step, at, 0)
  }

  /** Sets fields of the fixed part. */
  set(fields: Input<RecordValue<S>>): void {
    const place = makePointer<object>({
      builder: this.#memory.builder,
      space: 'direct',
      base: this.#memory.base,
      offset: this.#memory.offset,
      layout: recordLayout(this.#type as RecordType),
      nullable: false,
    })
    this.#k.assign(place, fields as object)
  }

  /** Bytes so far, as a number that changes no more. */
  get size(): Int {
    return this.#end.now()
  }

  /**
   * Appends the next tail; tails come in their declared order.
   * @param write puts the bytes at `to` and gives their number, at most what the memory has room
   *   for
   * @returns where the bytes are
   */
  tail(name: keyof S & string, write: (to: Bytes) => IntLike): TailBytes {
    const at = this.#type.tails[0]?.name === name ? this.#type.size : this.#end.and(this.#limit)
    const bytes = this.#memory.at(at)
    const given = write(bytes)
    const length = typeof given === 'object' ? given : this.#k.constant(given)
    this.#memory.store(4, this.#type.field(name).offset, length)
    this.#end.set(this.#end.add(length))
    return { bytes, length, max: this.#limit + 1 }
  }

  /**
   * Sends the record.
   * @param largest bound of its size for the verifier; 2^n - 1
   * @param full runs when the ring has no room: count the loss there
   */
  send(ring: MapSpec, largest: number, full: () => void): void {
    const size = this.#end.and(largest)
    const result = this.#k.call('ringbuf_output', ring, this.#memory, size, 0)
    this.#k.when(result.ne(0), full)
  }
}

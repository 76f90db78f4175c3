import {
  Bytes,
  type Code,
  type Condition,
  type Int,
  type IntLike,
  type Ptr,
  RecordWriter,
} from '@tetragon-ts/ebpf/lang'
import type { RecordType, Shape } from '@tetragon-ts/ebpf/records'
import type { ArgumentTypeName } from '@tetragon-ts/policy'
import { events } from '@tetragon-ts/sensors/kernel/maps'
import { keepsReserve, type RingUse } from '@tetragon-ts/sensors/kernel/ring-share'
import type { ArgumentValue, Text } from '../arguments/argument-type.ts'
import { argumentType } from '../arguments/index.ts'
import type { Scratch } from '../hook/scratch.ts'
import { stepField, type ValueName } from '../plan/hook-record.ts'

/**
 * Builds a hook's record. A record with text or data is built in scratch memory, where operators
 * use the text; any other is written to the ring directly.
 */
export class HookWriter {
  readonly #k: Code
  readonly #record: RecordType
  #writer: RecordWriter<Shape> | undefined
  readonly #values = new Map<ValueName, ArgumentValue>()
  readonly #types = new Map<ValueName, ArgumentTypeName>()
  readonly #largest: number
  readonly #ring: RingUse
  #memory: Bytes | undefined

  constructor(k: Code, record: RecordType, ring: RingUse, scratch: Scratch | undefined) {
    this.#k = k
    this.#ring = ring
    this.#record = record
    this.#largest = maskOf(record.size + record.tails.length * tailMax)
    if (record.tails.length > 0 && scratch) this.buildIn(scratch)
  }

  /** Builds the record in memory, even without tails. */
  buildIn(scratch: Scratch): void {
    if (this.#writer) return
    const record = this.#record
    // Masks, one less than a power of two, prove to the verifier where a tail starts and how long
    // the record is at most.
    const most = record.size + record.tails.length * tailMax
    const limit = maskOf(Math.max(record.size, most - tailMax))
    // Operators copy whole pieces of texts: a copy may exceed the end.
    const end = Math.max(this.#largest + 1, limit + 1 + tailMax)
    const memory = scratch.take(end + pieceMax)
    this.#memory = memory
    this.#writer = new RecordWriter(this.#k, record, memory, limit)
  }

  /** Adds a value; its tail is written now. @returns location of its text */
  add(name: ValueName, type: ArgumentTypeName, value: ArgumentValue): Text | undefined {
    this.#values.set(name, value)
    this.#types.set(name, type)
    const { writeTail } = value
    if (argumentType(type).tailMax === 0 || !writeTail) return undefined
    const tail = this.#writer?.tail(`${name}_tail`, writeTail)
    return tail && { ...tail, max: maskOf(argumentType(type).tailMax - 1) + 1 }
  }

  /** Adds data that is not an argument, after all values. */
  addTail(name: string, write: (to: Bytes) => Int): void {
    this.#writer?.tail(name, write)
  }

  /** Whether parts of values are sent before the record. */
  get hasPieces(): boolean {
    return [...this.#values.values()].some(({ writePieces }) => writePieces)
  }

  /**
   * Stores the fixed parts and sends the record.
   * @param complete gets the record before it is sent, if it is built in memory: without what does
   *   not matter for the question whether hits are equal
   */
  send(
    header: Readonly<Record<string, unknown>>,
    full: () => void,
    complete?: (record: BuiltRecord) => void,
  ): void {
    ;[...this.#values.values()].forEach(({ writePieces }, place) => {
      writePieces?.(place)
    })
    const writer = this.#writer
    if (writer && this.#memory) {
      const fields = this.#k.view(this.#memory, this.#record) as Fields
      const incidental: Incidental[] = []
      this.#store(fields, header, complete && incidental)
      const [bytes, largest] = [this.#memory, this.#largest]
      complete?.({ bytes, size: writer.size, largest, fields })
      // The fields of a record depend on the policy: types do not know them.
      for (const each of incidental) this.#k.assign(fields, each as never)
      this.#k.when(this.#keepsReserve(writer.size), () => writer.send(events, largest, full), full)
      return
    }
    const keeps = this.#keepsReserve(this.#record.size)
    this.#k.when(keeps, () => this.#sendDirectly(header, full), full)
  }

  #keepsReserve(size: IntLike): Condition {
    return keepsReserve(this.#k, this.#ring, size)
  }

  /** Writes the record in the ring itself. */
  #sendDirectly(header: Readonly<Record<string, unknown>>, full: () => void): void {
    const space = this.#k.call('ringbuf_reserve', events, this.#record.size, 0)
    this.#k.when(
      space,
      () => {
        const memory = new Bytes(space.builder, space.register)
        const record = this.#k.view(memory, this.#record) as Fields
        // The same here.
        this.#k.clearOthers(record, this.#store(record, header) as never)
        this.#k.call('ringbuf_submit', space, 0)
      },
      full,
    )
  }

  /**
   * Writes the values one by one: results of branches are in memory before the next.
   * @param incidental gets the incidental fields of types; the caller stores them later
   * @returns all that were stored
   */
  #store(
    record: Fields,
    header: Readonly<Record<string, unknown>>,
    incidental?: Incidental[],
  ): Record<string, unknown> {
    const k = this.#k
    const stored: Record<string, unknown> = {}
    const store = (fields: Readonly<Record<string, unknown>>): void => {
      // The same here.
      k.assign(record, fields as never)
      Object.assign(stored, fields)
    }
    store({ ...header, unreadable: this.#unreadable() })
    let place = 0
    for (const [name, value] of this.#values) {
      const fixed = { ...value.fields() }
      const type = this.#types.get(name)
      for (const field of (incidental && type && argumentType(type).incidental) ?? []) {
        incidental?.push({ [name]: { [field]: fixed[field] } })
        delete fixed[field]
      }
      if (Object.keys(fixed).length > 0) store({ [name]: fixed })
      const { pointer, steps } = value
      if (pointer && place < 64) setBit(k, record, 'unreadable', place, pointer)
      if (steps) {
        const field = stepField(name)
        store({ [field]: steps.failed ?? 0 })
        for (const { address, step } of steps.starts) setBit(k, record, field, step, address)
      }
      place++
    }
    return stored
  }

  #unreadable(): Int | number {
    let bits: Int | undefined
    let at = 0
    for (const { unreadable } of this.#values.values()) {
      const bit = at < 64 ? unreadable?.()?.shiftLeft(at) : undefined
      if (bit) bits = bits ? bits.or(bit) : bit
      at++
    }
    return bits ?? 0
  }
}

type Fields = Ptr<Record<string, Int>>
/** A field of a value. */
type Incidental = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** A record in scratch memory. */
export interface BuiltRecord {
  readonly bytes: Bytes
  /** In bytes. */
  readonly size: Int
  /** No record is larger; 2^n - 1. */
  readonly largest: number
  readonly fields: Fields
}

/** Sets a bit of a field if an address is 0. */
function setBit(k: Code, record: Fields, field: string, bit: number, address: Int): void {
  k.when(address.eq(0), () =>
    k.assign(record, { [field]: record[field].or(1n << BigInt(Math.min(bit, 63))) }),
  )
}

/** Maximum size of a piece of text for operators. */
const pieceMax = 256

/** Maximum size of a tail. */
const tailMax = 4096

/** The smallest number 2^n - 1 that is not smaller. */
function maskOf(most: number): number {
  return 2 ** Math.ceil(Math.log2(most + 1)) - 1
}

import type { MapSpec } from '../maps/index.ts'
import type { RecordType, RecordValue, Shape } from '../records/index.ts'
import { Bytes } from './bytes.ts'
import { Int, type IntLike } from './int.ts'
import { KernelMemory } from './kernel-memory.ts'
import { recordPlace } from './map-access.ts'
import {
  type AssignInput,
  type Input,
  makePointer,
  memberOf,
  type Ptr,
  type View,
} from './pointer.ts'
import { clearOthers, fillPlace, storeFields } from './store-fields.ts'

/** The kernel language for memory of the program's own: its stack and values of maps. */
export class OwnMemory extends KernelMemory {
  /** Bytes on the program's stack. */
  stackBytes(size: number): Bytes {
    return new Bytes(this.builder, this.builder.slot(size))
  }

  /**
   * Memory beyond the stack: the value of an array map with one entry for each CPU, taken for the
   * CPU that runs the program. Ends the program if there is none.
   */
  scratch(map: MapSpec): Bytes {
    const key = this.stackBytes(4)
    key.store(4, 0, this.call('get_smp_processor_id'))
    const found = this.call('map_lookup_elem', map, key)
    this.when(found.eq(0), this.exit)
    return new Bytes(this.builder, found.register)
  }

  /** The value of an array map with one entry, which takes no lookup. */
  global<K, V>(map: MapSpec<K, V>): Bytes {
    const dst = this.builder.register()
    this.builder.emit({ op: 'map-value', dst, map: map as MapSpec, at: 0 })
    return new Bytes(this.builder, dst)
  }

  /** A record on the program's stack: given fields set, all others zero. */
  stack<S extends Shape>(
    type: RecordType<S>,
    fields: Input<RecordValue<S>>,
  ): Ptr<View<RecordValue<S>>> {
    const place = recordPlace(this.builder, type as RecordType, this.builder.slot(type.size))
    fillPlace(place, fields)
    return makePointer(place)
  }

  /** A record in memory of our own, such as scratch memory: given fields set, all others zero. */
  recordAt<S extends Shape>(
    memory: Bytes,
    type: RecordType<S>,
    fields: Input<RecordValue<S>>,
  ): Ptr<{ readonly [K in keyof S]: View<RecordValue<S>[K]> }> {
    const place = recordPlace(this.builder, type as RecordType, memory.base, memory.offset)
    fillPlace(place, fields)
    return makePointer(place)
  }

  /** Memory of our own that holds a record already, or is to be filled field by field. */
  view<S extends Shape>(
    memory: Bytes,
    type: RecordType<S>,
  ): Ptr<{ readonly [K in keyof S]: View<RecordValue<S>[K]> }> {
    return makePointer(recordPlace(this.builder, type as RecordType, memory.base, memory.offset))
  }

  /** Sets fields of a record or map value. */
  assign<V extends object>(pointer: Ptr<V>, fields: AssignInput<V>): void {
    storeFields(this.place(pointer), fields as Record<string, unknown>)
  }

  /**
   * Sets to zero what lies outside of these fields of a record: what assigning them all leaves out.
   */
  clearOthers<V extends object>(pointer: Ptr<V>, fields: AssignInput<V>): void {
    const place = this.place(pointer)
    this.builder.statement(() => clearOthers(place, fields))
  }

  /** Adds to a field so that no other CPU's addition gets lost. */
  increment<V>(pointer: Ptr<V>, name: keyof V & string, by: IntLike = 1): void {
    const place = this.place(pointer as Ptr<object>)
    const { offset, type } = memberOf(place, name)
    const size = type.kind === 'int' ? type.size : 0
    if (size !== 4 && size !== 8) return this.builder.fail(`${name} has no 4 or 8 bytes`)
    const src = typeof by === 'object' ? by.register : this.constant(by).register
    this.builder.emit({ op: 'atomic-add', size, base: place.base, offset, src })
  }

  /**
   * Stores eight bytes and gives those that were there before: atomically, also for another
   * program that interrupts this one on its CPU. (Before 5.12, without {@link Target.exchange},
   * only programs that end before they continue interrupt programs.)
   */
  exchange(memory: Bytes, offset: number, value: IntLike): Int {
    if (!this.target.exchange) {
      const before = memory.load(8, offset)
      memory.store(8, offset, value)
      return before
    }
    const src = typeof value === 'object' ? value.register : this.constant(value).register
    const dst = this.builder.register()
    const { base } = memory
    this.builder.emit({ op: 'exchange', dst, size: 8, base, offset: memory.offset + offset, src })
    return new Int(this.builder, dst)
  }
}

import type { MapSpec } from '../maps/index.ts'
import type { RecordType, RecordValue, Shape } from '../records/index.ts'
import type { Int } from './int.ts'
import { lookupEntry, recordPlace, removeEntry, updateEntry } from './map-access.ts'
import { OwnMemory } from './own-memory.ts'
import type { Input, Ptr, ValueView } from './pointer.ts'
import { producedBytes, unconsumedBytes } from './ring-fill.ts'
import { fillPlace } from './store-fields.ts'

export type { Break, Test } from './control-flow.ts'
export type { Target } from './target.ts'

/**
 * The kernel language: the `k` of a program's body. Each call appends code at this point of the
 * program; values are computed when they are written down, in program order.
 *
 * Its parts are classes, each on top of what it needs: `ControlFlow`, `KernelMemory`,
 * `OwnMemory`; here are maps. Forwarding calls instead would put frames between a program and the
 * language, and each costs when the program's line is looked for (source-position.ts).
 */
export class Code extends OwnMemory {
  /** Looks up a key. The result may be null: test it with `when` or `unless` before using it. */
  lookup<K, V>(map: MapSpec<K, V>, key: Input<K>): Ptr<ValueView<V>> {
    return lookupEntry(this.builder, map, key)
  }

  /** Writes an entry. @returns 0, or a negative error number (map full, or it exists) */
  update<K, V>(
    map: MapSpec<K, V>,
    key: Input<K>,
    value: Input<V>,
    mode: 'any' | 'new' = 'any',
  ): Int {
    return updateEntry(this.builder, map, key, value, mode)
  }

  /** Deletes an entry. @returns 0 for the one caller that deleted it, else a negative number */
  remove<K, V>(map: MapSpec<K, V>, key: Input<K>): Int {
    return removeEntry(this.builder, map, key)
  }

  /** Bytes in a ring buffer that its reader has not consumed. */
  unconsumed(ring: MapSpec): Int {
    return unconsumedBytes(this.builder, this.target, ring)
  }

  /** Bytes that programs have put into a ring buffer since it was made. */
  produced(ring: MapSpec): Int {
    return producedBytes(this.builder, this.target, ring)
  }

  /**
   * Sends a record without tails through a ring buffer.
   * @param full runs when the ring has no room: count the loss there
   */
  submit<S extends Shape>(
    ring: MapSpec,
    type: RecordType<S>,
    fields: Input<RecordValue<S>>,
    full: () => void,
  ): void {
    const space = this.call('ringbuf_reserve', ring, type.size, 0)
    this.when(
      space,
      () => {
        fillPlace(recordPlace(this.builder, type as RecordType, space.register), fields)
        this.call('ringbuf_submit', space, 0)
      },
      full,
    )
  }

  /** Nanoseconds since boot, sleep included (kernel 5.8). */
  bootTime(): Int {
    return this.call('ktime_get_boot_ns')
  }
}

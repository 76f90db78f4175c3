import type { MapSpec } from '../maps/index.ts'
import type { Codec, RecordType } from '../records/index.ts'
import type { Builder } from './builder.ts'
import { Bytes } from './bytes.ts'
import { callHelper } from './helper-call.ts'
import type { Int, IntLike } from './int.ts'
import { codecLayout, isRecord, recordLayout } from './layout.ts'
import {
  type Input,
  makePointer,
  type Place,
  type Ptr,
  placeOf,
  type ValueView,
} from './pointer.ts'
import { fillPlace } from './store-fields.ts'

// Map operations of the kernel language: keys and values as programs write them become memory that
// helpers take.

const BPF_ANY = 0
const BPF_NOEXIST = 1

/** The value of a key: null if there is none. */
export function lookupEntry<K, V>(
  builder: Builder,
  map: MapSpec<K, V>,
  key: Input<K>,
): Ptr<ValueView<V>> {
  const found = builder.noted(`lookup ${map.name}`, () =>
    callHelper(builder, 'map_lookup_elem', [map as MapSpec, inMemory(builder, map.key, key)]),
  )
  return makePointer<ValueView<V>>({
    builder,
    space: 'direct',
    base: found.register,
    offset: 0,
    layout: codecLayout(map.value),
    nullable: true,
  })
}

/** Writes an entry. @returns 0 or a negative error number */
export function updateEntry<K, V>(
  builder: Builder,
  map: MapSpec<K, V>,
  key: Input<K>,
  value: Input<V>,
  mode: 'any' | 'new',
): Int {
  return builder.noted(`update ${map.name}`, () => {
    const keyMemory = inMemory(builder, map.key, key)
    const valueMemory = inMemory(builder, map.value, value)
    const flags = mode === 'new' ? BPF_NOEXIST : BPF_ANY
    const args = [map as MapSpec, keyMemory, valueMemory, flags] as const
    return withSign(callHelper(builder, 'map_update_elem', [...args]))
  })
}

/** Deletes an entry. @returns 0 or a negative error number */
export function removeEntry<K, V>(builder: Builder, map: MapSpec<K, V>, key: Input<K>): Int {
  const keyMemory = inMemory(builder, map.key, key)
  return withSign(callHelper(builder, 'map_delete_elem', [map as MapSpec, keyMemory]))
}

/** A place for a record in memory of our own. */
export function recordPlace(
  builder: Builder,
  type: RecordType,
  base: Place['base'],
  offset = 0,
): Place {
  const layout = recordLayout(type)
  return { builder, space: 'direct', base, offset, layout, nullable: false }
}

/** A key or value in memory that a helper can take. */
function inMemory<T>(builder: Builder, codec: Codec<T>, value: unknown): Bytes {
  const place = placeOf(value)
  if (place) return new Bytes(builder, place.base, place.offset)
  const bytes = new Bytes(builder, builder.slot(codec.size))
  if (isRecord(codec)) fillPlace(recordPlace(builder, codec, bytes.base), value)
  else bytes.store(codec.size as 1 | 2 | 4 | 8, 0, value as IntLike)
  return bytes
}

/**
 * Before 6.4 map operations give 32 bits, and the verifier has them called directly: no sign
 * beyond.
 */
function withSign(result: Int): Int {
  return result.signed(32)
}

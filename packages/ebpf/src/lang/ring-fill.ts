import type { MapSpec } from '../maps/index.ts'
import type { Builder } from './builder.ts'
import { callHelper } from './helper-call.ts'
import type { Int } from './int.ts'
import { findStruct, type KernelStruct, kernelStruct } from './kernel-struct.ts'
import { makePointer, type Ptr } from './pointer.ts'
import type { Target } from './target.ts'

/** BPF_RB_AVAIL_DATA and BPF_RB_PROD_POS in include/uapi/linux/bpf.h. */
const availableData = 0
const producerPosition = 3

/** Positions in bytes since the ring was made: struct bpf_ringbuf in kernel/bpf/ringbuf.c. */
interface Ringbuf {
  readonly consumer_pos: Int
  readonly producer_pos: Int
}
const RingbufMap: KernelStruct<{ readonly rb: Ptr<Ringbuf> }> = kernelStruct('bpf_ringbuf_map')

/**
 * Bytes in a ring buffer that its reader has not consumed. Where programs may read a map's own
 * fields that takes three loads, else a helper is called, which costs about five times as much.
 */
export function unconsumedBytes(builder: Builder, target: Target, ring: MapSpec): Int {
  const rb = ringbufOf(builder, target, ring)
  if (!rb) return callHelper(builder, 'ringbuf_query', [ring, availableData])
  // The reader's position first: records that programs add after it count as not consumed.
  const consumed = rb.consumer_pos
  return rb.producer_pos.sub(consumed)
}

/** Bytes that programs have put into a ring buffer since it was made. */
export function producedBytes(builder: Builder, target: Target, ring: MapSpec): Int {
  const rb = ringbufOf(builder, target, ring)
  return rb?.producer_pos ?? callHelper(builder, 'ringbuf_query', [ring, producerPosition])
}

/** Undefined: programs may not read fields of a map. */
function ringbufOf(builder: Builder, target: Target, ring: MapSpec): Ptr<Ringbuf> | undefined {
  const layout = target.mapFields ? findStruct(target.btf, RingbufMap.name) : undefined
  if (!layout) return undefined
  const base = builder.register()
  builder.emit({ op: 'map', dst: base, map: ring })
  const at = { builder, space: 'typed', base, offset: 0, layout, nullable: false } as const
  return makePointer<{ readonly rb: Ptr<Ringbuf> }>(at).rb
}

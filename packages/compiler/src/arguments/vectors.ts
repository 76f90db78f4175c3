import {
  type Bytes,
  type Cell,
  type Code,
  type Int,
  kernelStruct,
  type Ptr,
} from '@tetragon-ts/ebpf/lang'
import { asInt, asPointer, type Hit } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import { isError, readAny } from '../hook/memory.ts'
import type { ArgumentType, ArgumentValue } from './argument-type.ts'
import { atMost, type BytesShape, bytesJson, bytesShape, longBufferMax } from './char-buf.ts'
import { PieceSender } from './long-data.ts'
import {
  type Segments,
  SegmentWalker,
  smallest,
  sumOfLengths,
  walkerState,
} from './segment-walker.ts'

const tailBytes = 4096

/**
 * include/linux/uio.h; before 5.14 kind and direction share `type`, before 6.4 `iov` is the array.
 */
interface IovIter {
  readonly iter_type: Int
  readonly iov_offset: Int
  readonly count: Int
  readonly vector: Ptr<object>
  readonly nr_segs: Int
}
const IovIter = kernelStruct<IovIter>('iov_iter', {
  iter_type: ['iter_type', 'type'],
  vector: ['__iov', 'iov'],
})

/**
 * The bytes of segments: the first 4 KiB in the record, all of them in pieces if there are more.
 * @param sizeOf total length, evaluated when the tail is written
 */
function bytesOf(
  hit: Hit,
  context: HookContext,
  segments: Segments,
  sizeOf: () => Int,
): ArgumentValue {
  const { k } = hit
  let size = k.constant(0)
  let sent: Cell | undefined
  let failed: Cell | undefined
  const walker = () => new SegmentWalker(hit, context.scratch(walkerState, 'segments'), segments)
  const writeTail = (to: Bytes) => {
    size = sizeOf()
    failed = context.scratch(8).cell(0)
    return gather(hit, context, walker(), size, to, failed)
  }
  const writePieces = (index: number): void => {
    const total = context.scratch(8).cell(0)
    sent = total
    k.when(size.ge(tailBytes), () => {
      const most = atMost(k, context.scratch(8, 'length').cell(0, size), longBufferMax)
      total.set(new PieceSender(hit, context, index).send(walker(), most))
    })
  }
  return {
    fields: () => ({ size, sent: sent?.get() ?? 0, element: 0 }),
    incomplete: () => failed?.get(),
    from: segments.vector ?? segments.address,
    writeTail,
    writePieces,
  }
}

/**
 * Copies the first bytes of segments.
 * @param failed set if a fault ends the copy
 * @returns number of bytes
 */
function gather(
  hit: Hit,
  context: HookContext,
  source: SegmentWalker,
  size: Int,
  to: Bytes,
  failed: Cell,
): Int {
  const { k } = hit
  const mask = tailBytes - 1
  const cells = context.scratch(16, 'gather state')
  const filled = cells.cell(0)
  const limit = atMost(k, context.scratch(8, 'length').cell(0, size), mask)
  // The verifier does not see that the sum of start and length is below the limit.
  const buffer = context.scratch(2 * tailBytes, 'gather')
  source.each((address, left, leave) => {
    const before = filled.get().and(mask)
    const room = limit.sub(before)
    k.when(room.eq(0), leave)
    const bounded = smallest(k, cells.cell(8, left), [room]).and(mask)
    const result = readAny(hit, buffer.at(before), bounded, address)
    failed.set(isError(result))
    k.when(result.ne(0), leave)
    filled.set(before.add(bounded))
    return bounded
  })
  const length = filled.get().and(mask)
  k.readKernel(to, length, buffer.address())
  return length
}

/**
 * An array of struct iovec; another parameter has its length. The size is the sum of the segments.
 */
const charIovecType: ArgumentType<BytesShape> = {
  facets: ['text'],
  expects: { kind: 'structure', names: ['iovec', 'kvec'], fixed: true },
  shape: bytesShape,
  tailMax: tailBytes,
  costly: true,
  readsUserMemory: true,
  read(hit, raw, { sizeIndex }, context) {
    const { k } = hit
    const vector = asInt(k, raw)
    const given = sizeIndex === undefined ? undefined : hit.parameter(sizeIndex)
    const count = given ? asInt(k, given) : k.constant(1)
    const total = () => sumOfLengths(hit, context.scratch(24, 'stretch total'), vector, count)
    const segments = { address: k.constant(0), length: k.constant(0), vector, count }
    const first = k.stackBytes(16)
    const result = readAny(hit, first, 16, vector)
    const value = bytesOf(hit, context, segments, total)
    return {
      ...value,
      unreadable: () => isError(result),
      incomplete: () => value.incomplete?.()?.or(isError(result)),
    }
  },
  json: bytesJson,
}

/** Data that is read or written: user and kernel buffers; pages and pipes have no address. */
const iovIterType: ArgumentType<BytesShape> = {
  facets: ['text'],
  expects: { kind: 'structure', names: ['iov_iter'] },
  shape: bytesShape,
  tailMax: tailBytes,
  costly: true,
  read(hit, raw, _, context) {
    const { k } = hit
    const iter = asPointer(k, raw, IovIter)
    const kinds = iterKinds(k)
    const kind = iter.iter_type
    const size = iter.count
    const offset = iter.iov_offset
    const base = k.number(iter.vector)
    const segments = {
      address: k.variable(0),
      length: k.variable(0),
      count: k.variable(0),
      vector: base,
      skip: offset,
    }
    if (kinds.ubuf !== undefined) {
      k.when(kind.eq(kinds.ubuf), () => {
        segments.address.set(base.add(offset))
        segments.length.set(size)
      })
    }
    k.when(kinds.isVector(kind), () => segments.count.set(iter.nr_segs))
    return { ...bytesOf(hit, context, segments, () => size), pointer: k.address(iter) }
  },
  json: bytesJson,
}

/** The kinds in this kernel by number. */
function iterKinds(k: Code) {
  const iovec = k.enumerator('ITER_IOVEC') ?? 0
  const kvec = k.enumerator('ITER_KVEC') ?? 1
  // Old kernels: a bit for each kind, the direction in bit 0.
  const isBits = iovec > 1
  return {
    ubuf: k.enumerator('ITER_UBUF'),
    isVector: (kind: Int) =>
      isBits ? kind.has(iovec | kvec) : kind.eq(iovec).or(() => kind.eq(kvec)),
  }
}

export const vectorTypes = { char_iovec: charIovecType, iov_iter: iovIterType }

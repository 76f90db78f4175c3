import type { Condition, Int } from '@tetragon-ts/ebpf/lang'
import { lpmTrie, type MapSpec, withContent } from '@tetragon-ts/ebpf/maps'
import { u8 } from '@tetragon-ts/ebpf/records'
import type { IntegerFacet } from '../arguments/argument-type.ts'
import { type PrefixKey, prefixKey } from '../arguments/prefix-key.ts'
import { anyOf } from '../hook/any-of.ts'
import type { CodeContext } from '../hook/code-context.ts'

export type Range = readonly [from: bigint, to: bigint]

/** Up to this number, ranges are compared one by one; more are looked up. */
const inlineMax = 8

/** Whether a number is in one of the ranges, including their ends. */
export function isInRanges(
  { value, signed }: Pick<IntegerFacet, 'value' | 'signed'>,
  ranges: readonly Range[],
  context: CodeContext,
): Condition {
  const merged = mergeRanges(ranges)
  if (merged.length > inlineMax) return isInTrie(value, merged, context)
  return anyOf(
    context.k,
    merged.map(([from, to]) => () => {
      if (from === to) return value.eq(from)
      return signed
        ? value.signedGe(from).and(() => value.signedLe(to))
        : value.ge(from).and(() => value.le(to))
    }),
  )
}

/** Sorted ranges, with touching and overlapping ones merged. */
export function mergeRanges(ranges: readonly Range[]): Range[] {
  const sorted = [...ranges].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const merged: [bigint, bigint][] = []
  for (const [from, to] of sorted) {
    const last = merged.at(-1)
    if (!last || from > last[1] + 1n) merged.push([from, to])
    else if (to > last[1]) last[1] = to
  }
  return merged
}

function isInTrie(value: Int, ranges: readonly Range[], context: CodeContext): Condition {
  const { k } = context
  const keys = ranges.flatMap(([from, to]) => unsignedParts(from, to).flatMap(prefixesOf))
  const spec = lpmTrie('tg_ranges', { key: prefixKey(8), value: u8, maxEntries: keys.length })
  const trie = withContent(
    spec,
    keys.map((key) => [key, 1] as const),
  )
  const key = k.stackBytes(16)
  key.store(4, 0, 64)
  const swapped = value.swapBytes(64)
  key.store(4, 4, swapped)
  key.store(4, 8, swapped.shiftRight(32))
  return k.call('map_lookup_elem', trie as MapSpec, key).ne(0)
}

const largest = (1n << 64n) - 1n

/** A range of signed numbers as ranges of their 64-bit patterns. */
function unsignedParts(from: bigint, to: bigint): Range[] {
  if (from >= 0n) return [[from, to]]
  const start = BigInt.asUintN(64, from)
  if (to < 0n) return [[start, BigInt.asUintN(64, to)]]
  return [
    [start, largest],
    [0n, to],
  ]
}

/** The prefixes of 64-bit numbers that cover a range: at most 126. */
export function prefixesOf([from, to]: Range): PrefixKey[] {
  const keys: PrefixKey[] = []
  for (let start = from; start <= to; ) {
    let size = 0n
    // The largest aligned block that starts here and ends within the range.
    while (size < 64n && start % (2n << size) === 0n && start + (2n << size) - 1n <= to) size++
    const data = new Uint8Array(8)
    new DataView(data.buffer).setBigUint64(0, start)
    keys.push({ bits: 64 - Number(size), data })
    start += 1n << size
  }
  return keys
}

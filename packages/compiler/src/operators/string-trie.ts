import { Bytes, type Condition, type Int } from '@tetragon-ts/ebpf/lang'
import { lpmTrie, type MapSpec, withContent } from '@tetragon-ts/ebpf/maps'
import { u32 } from '@tetragon-ts/ebpf/records'
import type { Text } from '../arguments/argument-type.ts'
import { type PrefixKey, prefixKey, prefixKeyHeader } from '../arguments/prefix-key.ts'
import { byteString } from '../hook/byte-string.ts'
import type { CodeContext } from '../hook/code-context.ts'

// Many prefixes in a trie of the kernel, whose keys have at most 256 bytes (kernel/bpf/lpm_trie.c).
// Data is a state and a piece of text; a longer prefix continues in another state with its next
// piece.

const stateSize = 4
const pieceMax = 252
/** Bit of a value: a prefix ends here or before. The other bits are the next state, 0 for none. */
const matched = 1

interface Entry {
  readonly key: PrefixKey
  readonly value: number
}

/** Entries of prefixes in pieces of a given size. */
export function trieEntries(prefixes: readonly Uint8Array[], pieceSize: number): Entry[] {
  const entries: Entry[] = []
  let states = 0
  const add = (state: number, rest: readonly Uint8Array[]): void => {
    const longer = new Map<string, { piece: Uint8Array; rest: Uint8Array[] }>()
    const whole = new Map<string, Uint8Array>()
    for (const prefix of rest) {
      const piece = prefix.subarray(0, pieceSize)
      const name = byteString(piece)
      if (prefix.length <= pieceSize) whole.set(name, piece)
      else {
        const others = longer.get(name) ?? { piece, rest: [] }
        others.rest.push(prefix.subarray(pieceSize))
        longer.set(name, others)
      }
    }
    const ends = [...whole.keys()]
    for (const [name, piece] of whole) {
      if (!longer.has(name)) entries.push({ key: makeKey(state, piece), value: matched })
    }
    for (const [name, { piece, rest }] of longer) {
      const next = ++states
      const isMatch = ends.some((end) => name.startsWith(end))
      entries.push({ key: makeKey(state, piece), value: next * 2 + (isMatch ? matched : 0) })
      add(next, rest)
    }
  }
  add(0, prefixes)
  return entries
}

function makeKey(state: number, piece: Uint8Array): PrefixKey {
  const data = new Uint8Array(stateSize + piece.length)
  new DataView(data.buffer).setUint32(0, state, true)
  data.set(piece, stateSize)
  return { bits: data.length * 8, data }
}

/** Whether a text begins with one of these. */
export function hasPrefixInTrie(
  context: CodeContext,
  text: Pick<Text, 'bytes' | 'length' | 'max'>,
  prefixes: readonly Uint8Array[],
): Condition {
  const { k } = context
  const longest = longestLength(prefixes)
  const size = Math.min(pieceMax, Math.ceil(longest / 4) * 4)
  const entries = trieEntries(prefixes, size)
  const codec = prefixKey(stateSize + size)
  const spec = lpmTrie('tg_prefixes', { key: codec, value: u32, maxEntries: entries.length })
  const trie = withContent(
    spec,
    entries.map(({ key, value }) => [key, value] as const),
  ) as MapSpec
  // A copy has at most 255 bytes.
  const key = context.scratch(prefixKeyHeader + stateSize + 256)
  const cells = context.scratch(24)
  const state = cells.cell(0, 0)
  const offset = cells.cell(8, 0)
  const found = cells.cell(16, 0)
  k.loop(Math.ceil(longest / size), (_, leave) => {
    const from = offset.get()
    const left = k.variable(text.length.sub(from))
    k.when(left.gt(size), () => left.set(size))
    key.store(4, 0, left.add(stateSize).shiftLeft(3))
    key.store(4, prefixKeyHeader, state.get())
    const piece = text.bytes.at(from.and(text.max - 1)).address()
    k.readKernel(key.at(prefixKeyHeader + stateSize), left.and(255), piece)
    const entry = k.call('map_lookup_elem', trie, key)
    k.when(entry.eq(0), leave)
    const value = new Bytes(entry.builder, entry.register).load(4)
    found.set(found.get().or(value.and(matched)))
    state.set(value.shiftRight(1))
    offset.set(from.add(size))
    k.when(value.le(matched), leave)
    k.when(from.add(size).gt(text.length), leave)
  })
  return found.get().ne(0)
}

/** Length of the longest string: a list may have more than a call can have arguments. */
export function longestLength(strings: readonly Uint8Array[]): number {
  return strings.reduce((longest, { length }) => Math.max(longest, length), 0)
}

/** The last `longest` bytes of a text, in reverse order. */
export function reversedEnd(
  context: CodeContext,
  { bytes, length, max }: Text,
  longest: number,
): { readonly bytes: Bytes; readonly length: Int; readonly max: number } {
  const { k } = context
  const size = 2 ** Math.ceil(Math.log2(longest + 1))
  const rounds = Math.ceil(longest / 8) + 1
  const roundMask = 2 ** Math.ceil(Math.log2(rounds)) - 1
  const copy = context.scratch(8 + size + 8)
  const reversed = context.scratch(Math.max((roundMask + 1) * 8, size) + 256)
  const count = k.variable(length)
  k.when(count.gt(longest), () => count.set(longest))
  const bounded = count.and(size - 1)
  const start = length.sub(bounded).and(max - 1)
  k.readKernel(copy.at(8), bounded, bytes.at(start).address())
  // The word before the last `round` words; 8 bytes precede the text.
  const turn = (round: Int | number): void => {
    const done = typeof round === 'number' ? round * 8 : round.shiftLeft(3)
    const word = copy.at(bounded.sub(done).and(size - 1)).load(8)
    reversed.at(done).store(8, 0, word.swapBytes(64))
  }
  if (rounds <= 17) for (let round = 0; round < rounds; round++) turn(round)
  else k.loop(rounds, (round) => turn(round.and(roundMask)))
  return { bytes: reversed, length: bounded, max: size }
}

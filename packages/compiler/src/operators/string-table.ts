import { Bytes, type Condition, type Int } from '@tetragon-ts/ebpf/lang'
import { hashMap, type MapSpec, withContent } from '@tetragon-ts/ebpf/maps'
import { u32 } from '@tetragon-ts/ebpf/records'
import type { Text } from '../arguments/argument-type.ts'
import { bytesCodec } from '../arguments/prefix-key.ts'
import { anyOf } from '../hook/any-of.ts'
import { byteString } from '../hook/byte-string.ts'
import type { CodeContext } from '../hook/code-context.ts'
import { longestLength } from './string-trie.ts'

// Many strings in hash tables. A key is the length of the text, a state, and text zero-padded to a
// size class, so that short texts are cheap to hash. A text beyond the largest class is looked up
// in pieces: the entry of each piece has the state for the next lookup. So keys stay below 512
// bytes, the limit before Linux 5.11 (kernel/bpf/hashtab.c).

/** Bytes of text in a key. */
const classes = [24, 56, 120, 248] as const
const pieceSize = 248
const keyHeader = 8
/** The value of the last piece of a text. */
const accepted = 0x8000_0000

interface Entry {
  readonly key: Uint8Array
  readonly value: number
}

function makeKey(length: number, state: number, text: Uint8Array, size: number): Uint8Array {
  const key = new Uint8Array(keyHeader + size)
  const view = new DataView(key.buffer)
  view.setUint32(0, length, true)
  view.setUint32(4, state, true)
  key.set(text, keyHeader)
  return key
}

/** The entries of texts that are longer than a piece. */
export function pieceEntries(strings: readonly Uint8Array[]): Entry[] {
  const entries = new Map<string, Entry>()
  let states = 0
  for (const string of strings) {
    let state = 0
    for (let at = 0; at < string.length; at += pieceSize) {
      const piece = string.subarray(at, at + pieceSize)
      const key = makeKey(string.length, state, piece, pieceSize)
      const name = byteString(key)
      const isLast = at + pieceSize >= string.length
      let entry = entries.get(name)
      if (!entry) {
        entry = { key, value: isLast ? accepted : ++states }
        entries.set(name, entry)
      }
      state = entry.value
    }
  }
  return [...entries.values()]
}

/** Whether a text is one of these strings. */
export function isInStringTable(
  context: CodeContext,
  text: Text,
  strings: readonly Uint8Array[],
): Condition {
  const { k } = context
  const { length } = text
  // A copy has at most 255 bytes.
  const key = context.scratch(keyHeader + 256)
  const short = classes.flatMap((size, i) => {
    const smaller = classes[i - 1] ?? -1
    const members = strings.filter((s) => s.length <= size && s.length > smaller)
    if (members.length === 0) return []
    const isOfClass = () => length.le(size).and(() => length.signedGt(smaller))
    return [() => isOfClass().and(() => isInClass(context, text, members, size, key))]
  })
  const long = strings.filter((s) => s.length > pieceSize)
  if (long.length === 0) return anyOf(k, short)
  const isLong = () => length.gt(pieceSize).and(() => isInPieces(context, text, long, key))
  return anyOf(k, [...short, isLong])
}

function isInClass(
  context: CodeContext,
  text: Text,
  members: readonly Uint8Array[],
  size: number,
  key: Bytes,
): Condition {
  const { k } = context
  const entries = members.map((member) => ({
    key: makeKey(member.length, 0, member, size),
    value: accepted,
  }))
  const spec = declare(entries, size)
  fillKey(key, size, text.length, 0)
  k.readKernel(key.at(keyHeader), text.length.and(255), text.bytes.address())
  return k.call('map_lookup_elem', spec as MapSpec, key).ne(0)
}

function isInPieces(
  context: CodeContext,
  text: Text,
  members: readonly Uint8Array[],
  key: Bytes,
): Condition {
  const { k } = context
  const spec = declare(pieceEntries(members), pieceSize)
  const longest = longestLength(members)
  const { bytes, length, max } = text
  const cells = context.scratch(16)
  const state = cells.cell(0, 0)
  const offset = cells.cell(8, 0)
  k.loop(Math.ceil(longest / pieceSize), (_, leave) => {
    const from = offset.get()
    const left = k.variable(length.sub(from))
    k.when(left.gt(pieceSize), () => left.set(pieceSize))
    fillKey(key, pieceSize, length, state.get())
    k.readKernel(key.at(keyHeader), left.and(255), bytes.at(from.and(max - 1)).address())
    const found = k.call('map_lookup_elem', spec as MapSpec, key)
    state.set(0)
    k.when(found.eq(0), leave)
    state.set(new Bytes(found.builder, found.register).load(4))
    offset.set(from.add(pieceSize))
    k.when(from.add(pieceSize).ge(length), leave)
  })
  return state.get().eq(accepted)
}

function declare(entries: readonly Entry[], size: number): MapSpec<Uint8Array, number> {
  const key = bytesCodec(keyHeader + size)
  const spec = hashMap('tg_strings', { key, value: u32, maxEntries: entries.length })
  return withContent(
    spec,
    entries.map((entry) => [entry.key, entry.value] as const),
  )
}

function fillKey(key: Bytes, size: number, length: Int, state: Int | number): void {
  key.store(4, 0, length)
  key.store(4, 4, state)
  for (let at = 0; at < size; at += 8) key.store(8, keyHeader + at, 0)
}

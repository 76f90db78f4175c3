import type { Condition, Int } from '@tetragon-ts/ebpf/lang'
import { array, withContent } from '@tetragon-ts/ebpf/maps'
import type { PathLocation } from '@tetragon-ts/sensors/kernel/path-walk'
import { Dentry, Mount } from '@tetragon-ts/sensors/kernel/types'
import { anyOf } from '../hook/any-of.ts'
import { byteString } from '../hook/byte-string.ts'
import type { HookContext } from '../hook/hook-context.ts'
import { bytesCodec } from './prefix-key.ts'

// Walking a path to its root takes thousands of instructions. Nearly all files have another name
// than those that a policy lists, and that is known from the first bytes of the last name and its
// length: most hits end before the walk.

/** What is compared: the first eight bytes of a name, zero-padded, and its length. */
interface NameStart {
  readonly bytes: bigint
  readonly length: number
}

/** With more names they are looked up in a table. */
const inlineMax = 8
/** Entries of the table for each name: one of as many other names takes the walk. */
const sparseness = 16
const tableMax = 1 << 16
/** 2^64 divided by the golden ratio (Knuth's multiplicative hash). */
const multiplier = 0x9e37_79b9_7f4a_7c15n
const deletedMark = ' (deleted)'

/** Undefined if the last name of the file need not be that of the text. */
function nameStart(text: Uint8Array): NameStart | undefined {
  const name = text.subarray(text.lastIndexOf(0x2f) + 1)
  const isMarked = byteString(name).endsWith(deletedMark)
  if (name.length === 0 || isMarked) return undefined
  const start = new Uint8Array(8)
  start.set(name.subarray(0, 8))
  return { bytes: new DataView(start.buffer).getBigUint64(0, true), length: name.length }
}

/** The place of a name in a table with 2^bits entries. */
function placeOf({ bytes, length }: NameStart, bits: number): number {
  const mixed = BigInt.asUintN(64, (bytes ^ BigInt(length)) * multiplier)
  return Number(mixed >> BigInt(64 - bits))
}

/**
 * Whether a path may be one of these texts, by its last name.
 * @param path without its mount it starts at the root of its file system
 * @returns undefined if the last name of a text need not be that of its file
 */
export function mayEndLike(
  context: Pick<HookContext, 'k'>,
  { dentry, mount }: Pick<PathLocation, 'dentry'> & Partial<PathLocation>,
  texts: readonly Uint8Array[],
): Condition | undefined {
  const { k } = context
  const starts = texts.map(nameStart)
  const known = starts.filter((start) => start !== undefined)
  if (known.length < starts.length) return undefined
  const found = k.variable(1)
  const compare = (): void => {
    const { d_name } = k.snapshot(Dentry, dentry, ['d_name'])
    const { len } = d_name
    // Names are in memory of at least eight bytes: fs/dcache.c.
    const bytes = k.variable(k.loadKernel(8, d_name.name))
    k.when(len.lt(8), () => {
      bytes.set(bytes.and(k.constant(1).shiftLeft(len.shiftLeft(3)).sub(1)))
    })
    // A name that cannot be read rules nothing out.
    const isOther = () => isOneOf(context, bytes, len, known).not()
    k.when(len.ne(0).and(isOther), () => found.set(0))
  }
  // The root of a mount has the name of its mount point, and the root of a file system none.
  const named = (): void => {
    const { d_parent } = k.snapshot(Dentry, dentry, ['d_parent'])
    k.when(k.address(d_parent).ne(dentry), compare)
  }
  k.when(dentry.ne(0), () => {
    if (mount === undefined) return named()
    const root = k.address(k.containerOf(Mount, 'mnt', mount).mnt.mnt_root)
    k.when(root.ne(dentry), named)
  })
  return found.ne(0)
}

function isOneOf(
  context: Pick<HookContext, 'k'>,
  bytes: Int,
  length: Int,
  names: readonly NameStart[],
): Condition {
  const { k } = context
  if (names.length <= inlineMax) {
    return anyOf(
      k,
      names.map((name) => () => length.eq(name.length).and(() => bytes.eq(signed(name.bytes)))),
    )
  }
  const bits = Math.ceil(Math.log2(Math.min(tableMax, names.length * sparseness)))
  const table = new Uint8Array(1 << bits)
  for (const name of names) table[placeOf(name, bits)] = 1
  const value = bytesCodec(table.length)
  const spec = withContent(array('tg_names', { value }), [[0, table]])
  const mixed = bytes.xor(length).mul(signed(multiplier))
  const place = mixed.shiftRight(64 - bits).and(table.length - 1)
  return k.global(spec).at(place).load(1).ne(0)
}

function signed(value: bigint): bigint {
  return BigInt.asIntN(64, value)
}

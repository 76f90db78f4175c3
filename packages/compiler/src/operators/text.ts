import type { Bytes, Condition, Int } from '@tetragon-ts/ebpf/lang'
import type { ArgumentValue, Text } from '../arguments/argument-type.ts'
import { allOf, anyOf } from '../hook/any-of.ts'
import type { CodeContext } from '../hook/code-context.ts'
import { hasInode } from '../hook/file-sets.ts'
import type { HookContext } from '../hook/hook-context.ts'
import type { Operator } from './operator.ts'
import { isInStringTable } from './string-table.ts'
import { hasPrefixInTrie, longestLength, reversedEnd } from './string-trie.ts'

type Size = 1 | 2 | 4 | 8

/** Few short strings are compared one by one; others are looked up. */
const inlineCount = 8
const inlineLength = 128

/** Whether the bytes at an offset are these: compared in words, without a loop. */
function bytesAre({ k }: CodeContext, at: Bytes, wanted: Uint8Array): Condition {
  const view = new DataView(wanted.buffer, wanted.byteOffset, wanted.byteLength)
  const pieces: (() => Condition)[] = []
  for (let from = 0; from < wanted.length; ) {
    const left = wanted.length - from
    const size: Size = left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1
    const offset = from
    const value =
      size === 8
        ? view.getBigInt64(offset, true)
        : size === 4
          ? view.getUint32(offset, true)
          : size === 2
            ? view.getUint16(offset, true)
            : view.getUint8(offset)
    pieces.push(() => at.load(size, offset).eq(value))
    from += size
  }
  return allOf(k, pieces)
}

type Compare = (context: CodeContext, text: Text, wanted: Uint8Array) => Condition

const isEqual: Compare = (context, { bytes, length }, wanted) =>
  length.eq(wanted.length).and(() => bytesAre(context, bytes, wanted))

const startsWith: Compare = (context, { bytes, length }, wanted) =>
  length.ge(wanted.length).and(() => bytesAre(context, bytes, wanted))

const endsWith: Compare = (context, { bytes, length, max }, wanted) => {
  const start = (): Int => length.sub(wanted.length).and(max - 1)
  return length.ge(wanted.length).and(() => bytesAre(context, bytes.at(start()), wanted))
}

/** How texts are compared with many strings. */
const lookUp = {
  'equal-string': isInStringTable,
  prefix: hasPrefixInTrie,
  postfix: (context: CodeContext, text: Text, strings: readonly Uint8Array[]) => {
    const end = reversedEnd(context, text, longestLength(strings))
    const reversed = strings.map((string) => string.toReversed())
    return hasPrefixInTrie(context, end, reversed)
  },
} as const

const comparisons = { 'equal-string': isEqual, prefix: startsWith, postfix: endsWith } as const

type Name = keyof typeof comparisons

/** Whether a text equals, starts with or ends with one of these strings. */
export function matchesText(
  context: CodeContext,
  text: Text,
  how: Name,
  strings: readonly Uint8Array[],
): Condition {
  const { k } = context
  const isShort = strings.every(({ length }) => length <= inlineLength)
  if (strings.length > inlineCount || !isShort) return lookUp[how](context, text, strings)
  const compare = comparisons[how]
  return anyOf(
    k,
    strings.map((wanted) => () => compare(context, text, wanted)),
  )
}

const textOperator: Operator<Name> = {
  needs: () => 'text',
  condition: ([{ text }], { operator, strings }, context) =>
    matchesText(context, text as Text, operator, strings),
}

/** Whether a file is one of those at these paths of the host, whatever path led to it. */
export function isOneOfFiles(
  value: ArgumentValue,
  files: readonly string[],
  { k, fileSets }: HookContext,
): Condition {
  return hasInode(k, fileSets.of(files), value.inode?.() ?? k.constant(0))
}

/** Values are texts, or files whatever their path is. */
const equalOperator: Operator<'equal-string'> = {
  needs: ({ strings }) => (strings.length > 0 ? 'text' : 'inode'),
  early(value, { strings, files }, context) {
    if (files && strings.length === 0) return isOneOfFiles(value, files, context)
    const mayBe = value.mayBe?.(strings)
    if (!files) return mayBe
    return mayBe?.or(() => isOneOfFiles(value, files, context))
  },
  condition([{ value, text }], { operator, strings, files }, context) {
    return anyOf(context.k, [
      ...(files ? [() => isOneOfFiles(value, files, context)] : []),
      ...(strings.length > 0 ? [() => matchesText(context, text as Text, operator, strings)] : []),
    ])
  },
}

export const textOperators = {
  'equal-string': equalOperator,
  prefix: textOperator,
  postfix: textOperator,
}

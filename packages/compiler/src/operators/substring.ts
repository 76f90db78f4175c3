import { Bytes, type Condition, type Int } from '@tetragon-ts/ebpf/lang'
import { array, type MapSpec, withContent } from '@tetragon-ts/ebpf/maps'
import type { Text } from '../arguments/argument-type.ts'
import { bytesCodec } from '../arguments/prefix-key.ts'
import { anyOf } from '../hook/any-of.ts'
import type { CodeContext } from '../hook/code-context.ts'
import type { Operator } from './operator.ts'
import { type SubstringTable, substringTable } from './substring-table.ts'

type Name = 'substring' | 'substring-ignore-case'

/** Maximum size of an array value before Linux 5.11: KMALLOC_MAX_SIZE. */
const tableMax = 1 << 22
const wordSize = 8

/** Tables for all strings: as few as the kernel allows. */
function tablesOf(operator: Name, strings: readonly Uint8Array[]): SubstringTable[] {
  const table = substringTable(strings, operator === 'substring-ignore-case')
  if (table.bytes.length <= tableMax || strings.length === 1) return [table]
  const half = strings.length >> 1
  return [strings.slice(0, half), strings.slice(half)].flatMap((some) => tablesOf(operator, some))
}

/**
 * SubString: a walk over the text for all strings of a table: each byte selects the next state. It
 * has no branches, so kernels without loops verify it quickly.
 */
const substringOperator: Operator<Name> = {
  needs: () => 'text',
  limit({ operator, strings }) {
    const large = tablesOf(operator, strings).find(({ bytes }) => bytes.length > tableMax)
    if (!large) return undefined
    return (
      `the search for one of these strings needs a table of ${large.bytes.length >> 20} MiB, ` +
      'and the kernel allows 4 MiB'
    )
  },
  condition: ([{ text }], { operator, strings }, context) =>
    searchText(context, text as Text, operator, strings),
}

/** Whether a text contains one of these strings. */
export function searchText(
  context: CodeContext,
  text: Text,
  operator: Name,
  strings: readonly Uint8Array[],
): Condition {
  return anyOf(
    context.k,
    tablesOf(operator, strings).map((table) => () => search(context, text, table)),
  )
}

function search(context: CodeContext, text: Text, table: SubstringTable): Condition {
  const { k } = context
  const { bytes, length, max } = text
  const size = table.bytes.length
  const value = bytesCodec(size)
  const spec = withContent(array('tg_substrings', { value }), [[0, table.bytes]])
  const index = k.stackBytes(4)
  index.store(4, 0, 0)
  const found = k.call('map_lookup_elem', spec as MapSpec, index)
  return found.ne(0).and(() => {
    const lookup = new Bytes(found.builder, found.register)
    const step = (state: Int, byte: Int): Int => {
      const column = lookup.at(byte).load(1).shiftLeft(2)
      return lookup.at(state.add(column).and(size - 4)).load(4)
    }
    const state = context.scratch(8).cell(0, table.start)
    // The round is compared, not the offset: where the length is known, the verifier of 6.12 infers
    // bounds of the offset that contradict each other, and refuses to read there.
    const words = length.shiftRight(3)
    k.loop(max / wordSize, (round, leave) => {
      k.when(round.ge(words), leave)
      const word = bytes.at(round.shiftLeft(3).and(max - wordSize)).load(8)
      let now = state.get()
      for (let i = 0; i < wordSize; i++) now = step(now, word.shiftRight(i * 8).and(255))
      state.set(now)
    })
    const rest = bytes.at(length.and(max - wordSize))
    for (let i = 0; i < wordSize - 1; i++) {
      k.when(length.and(wordSize - 1).gt(i), () => {
        state.set(step(state.get(), rest.load(1, i)))
      })
    }
    return state.get().eq(table.accept)
  })
}

export const substringOperators = {
  substring: substringOperator,
  'substring-ignore-case': substringOperator,
}

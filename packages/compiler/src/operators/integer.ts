import type { Condition, Int } from '@tetragon-ts/ebpf/lang'
import { hashMap, withContent } from '@tetragon-ts/ebpf/maps'
import { u8, u64 } from '@tetragon-ts/ebpf/records'
import type { IntegerFacet } from '../arguments/argument-type.ts'
import { anyOf } from '../hook/any-of.ts'
import type { CodeContext } from '../hook/code-context.ts'
import type { Operand, Operator } from './operator.ts'
import { isInRanges, type Range } from './ranges.ts'
import { syscallNumbers } from './syscall-lists.ts'

/** Up to this number, values are compared one by one; more are looked up. */
const inlineMax = 8

/** An argument as a number; a capability set has 64 bits. */
export function numberOf({ value }: Operand): IntegerFacet {
  const { integer, mask } = value
  return integer ?? { value: mask as Int, signed: false, bits: 64 }
}

/** A value in the argument's 64-bit form. */
function extended({ signed, bits }: IntegerFacet, value: bigint): bigint {
  return signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)
}

/** Whether a number is one of these. */
export function isOneOf(value: Int, values: readonly bigint[], context: CodeContext): Condition {
  const { k } = context
  const distinct = [...new Set(values.map((v) => BigInt.asUintN(64, v)))]
  if (distinct.length <= inlineMax) {
    return anyOf(
      k,
      distinct.map((v) => () => value.eq(v)),
    )
  }
  const spec = hashMap('tg_values', { key: u64, value: u8, maxEntries: distinct.length })
  const known = withContent(
    spec,
    distinct.map((v) => [v, 1] as const),
  )
  return k.address(k.lookup(known, value)).ne(0)
}

const equalOperator: Operator<'equal'> = {
  needs: () => 'number',
  condition([operand], { values }, context) {
    const integer = numberOf(operand)
    return isOneOf(
      integer.value,
      values.map((value) => extended(integer, value)),
      context,
    )
  },
}

const orderOperator: Operator<'greater' | 'less'> = {
  needs: () => 'number',
  condition([operand], { operator, value }) {
    const integer = numberOf(operand)
    const bound = extended(integer, value)
    if (operator === 'greater') {
      return integer.signed ? integer.value.signedGt(bound) : integer.value.gt(bound)
    }
    return integer.signed ? integer.value.signedLt(bound) : integer.value.lt(bound)
  },
}

const maskOperator: Operator<'mask'> = {
  needs: () => 'number',
  condition([operand], { mask }) {
    const { value, bits } = numberOf(operand)
    // The sign of a negative number extends over the bits that the argument does not have.
    return value.has(BigInt.asUintN(bits, mask))
  },
}

/** Ranges of the argument's 64-bit form for ranges of its values. */
function extendedRanges(integer: IntegerFacet, ranges: readonly Range[]): Range[] {
  return ranges.map(([from, to]) => [extended(integer, from), extended(integer, to)])
}

const rangeOperator: Operator<'range'> = {
  needs: () => 'number',
  condition([operand], { ranges }, context) {
    const integer = numberOf(operand)
    return isInRanges(integer, extendedRanges(integer, ranges), context)
  },
}

/** InMap: single numbers, ranges, and the system calls of lists. */
const inMapOperator: Operator<'in-map'> = {
  needs: () => 'number',
  condition([operand], { ranges, lists }, context) {
    const integer = numberOf(operand)
    const extents = extendedRanges(integer, ranges)
    const listed = lists.flatMap((name) => {
      const list = context.policy.lists.get(name)
      return list ? syscallNumbers(list) : []
    })
    const single = extents.flatMap(([from, to]) => (from === to ? [from] : []))
    const wide = extents.filter(([from, to]) => from !== to)
    const isListed = (): Condition => isOneOf(integer.value, [...single, ...listed], context)
    if (wide.length === 0) return isListed()
    const inRange = isInRanges(integer, wide, context)
    return single.length + listed.length === 0 ? inRange : inRange.or(isListed)
  },
}

export const integerOperators = {
  equal: equalOperator,
  greater: orderOperator,
  less: orderOperator,
  mask: maskOperator,
  range: rangeOperator,
  'in-map': inMapOperator,
}

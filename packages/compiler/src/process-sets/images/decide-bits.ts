import type { Int } from '@tetragon-ts/ebpf/lang'
import type { BitCondition, FoundBits, ImageProgram } from '@tetragon-ts/policy'
import type { CodeContext } from '../../hook/code-context.ts'
import { memberBits } from '../member.ts'

/** The result as `memberBits`, from the bits of its tests. */
export function decideBits(
  { k }: CodeContext,
  { condition }: ImageProgram,
  { certain, possible }: FoundBits<Int>,
): Int {
  const isTrue = k.variable(bitsOf(k.constant(1), condition, certain, possible))
  const mayBeTrue = bitsOf(k.constant(1), condition, possible, certain)
  const unknown = mayBeTrue.and(isTrue.xor(1)).mul(memberBits.unknown)
  return isTrue.or(unknown)
}

/** 1 or 0. @param yes bits that count for tests @param no bits that count for negated tests */
function bitsOf(one: Int, condition: BitCondition, yes: Int, no: Int): Int {
  if (condition.kind === 'bit') {
    const { bit, negated } = condition
    const value = (negated ? no : yes).shiftRight(bit).and(1)
    return negated ? value.xor(1) : value
  }
  const isAnd = condition.kind === 'and'
  return condition.of.reduce<Int>(
    (sum, each) => {
      const next = bitsOf(one, each, yes, no)
      return isAnd ? sum.and(next) : sum.or(next)
    },
    isAnd ? one : one.xor(1),
  )
}

import type { Code, Int } from '@tetragon-ts/ebpf/lang'
import type { ArgumentValue, FollowedSteps } from '../arguments/argument-type.ts'

/**
 * 1 where operators cannot know an argument, for it or a part of it could not be read; else 0. An
 * address that is 0 is known: there is nothing at it. Computed without branches, as what branches
 * leave in registers is followed to the end of the program for each value on its own. Asked after
 * the value's tail was written.
 * @returns undefined where the argument can always be read
 */
export function unknownBit(k: Code, value: ArgumentValue): Int | undefined {
  const failed = value.unknown ? value.unknown() : value.unreadable?.()
  return either([
    unlessNull(k, failed, value.from),
    value.steps && unlessNull(k, lostBit(k, value.steps), value.steps.origin),
  ])
}

/** Some bits together; undefined if there are none. */
export function either(bits: readonly (Int | undefined)[]): Int | undefined {
  return bits.reduce((all, bit) => (all && bit ? all.or(bit) : (all ?? bit)), undefined)
}

function unlessNull(k: Code, bit: Int | undefined, address: Int | undefined): Int | undefined {
  return bit && address ? bit.and(notZero(k, address)) : bit
}

/** 1 where following members met an address that cannot be read. */
function lostBit(k: Code, { failed, starts }: FollowedSteps): Int | undefined {
  const nulls = starts.map(({ address }) => notZero(k, address).xor(1))
  return either([failed && notZero(k, failed), ...nulls])
}

/** 1 or 0, without a branch. Swapped an address is a number, whatever the verifier knows of it. */
function notZero(k: Code, address: Int): Int {
  const number = address.swapBytes(64)
  return number.or(k.constant(0).sub(number)).shiftRight(63)
}

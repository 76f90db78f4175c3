import type { Code, Int } from '@tetragon-ts/ebpf/lang'
import type { ArgumentValue, FollowedSteps } from '../arguments/argument-type.ts'

/**
 * 1 if an argument or a part of it could not be read, else 0. An address that is 0 is readable: it
 * has no value. Computed without branches, because the verifier follows each constant from a branch
 * separately to the end of the program. Evaluated after the value's tail was written.
 * @returns undefined if the argument can always be read
 */
export function unknownBit(k: Code, value: ArgumentValue): Int | undefined {
  const failed = value.unknown ? value.unknown() : value.unreadable?.()
  return either([
    unlessNull(k, failed, value.from),
    value.steps && unlessNull(k, lostBit(k, value.steps), value.steps.origin),
  ])
}

/** Combines bits; undefined if there are none. */
export function either(bits: readonly (Int | undefined)[]): Int | undefined {
  return bits.reduce((all, bit) => (all && bit ? all.or(bit) : (all ?? bit)), undefined)
}

function unlessNull(k: Code, bit: Int | undefined, address: Int | undefined): Int | undefined {
  return bit && address ? bit.and(notZero(k, address)) : bit
}

/** 1 if a step of the member path met an unreadable address. */
function lostBit(k: Code, { failed, starts }: FollowedSteps): Int | undefined {
  const nulls = starts.map(({ address }) => notZero(k, address).xor(1))
  return either([failed && notZero(k, failed), ...nulls])
}

/** 1 or 0, without a branch. After the byte swap, the verifier treats an address as a number. */
function notZero(k: Code, address: Int): Int {
  const number = address.swapBytes(64)
  return number.or(k.constant(0).sub(number)).shiftRight(63)
}

import type { Code, Int } from '@tetragon-ts/ebpf/lang'
import type { ArgumentValue, FollowedSteps } from '../arguments/argument-type.ts'
import type { ValueName } from '../plan/hook-description.ts'

/** Unreadable values of a hit: a bit for each, computed on first use, right after it was read. */
export class Unreadable {
  readonly #k: Code
  readonly #reads: { value(name: ValueName): ArgumentValue }
  readonly #bits = new Map<ValueName, Int | undefined>()

  constructor(k: Code, reads: { value(name: ValueName): ArgumentValue }) {
    this.#k = k
    this.#reads = reads
  }

  /** 1 if the value could not be read, else 0; undefined if it always can. */
  of(name: ValueName): Int | undefined {
    if (!this.#bits.has(name)) this.#bits.set(name, unreadableBit(this.#k, this.#reads.value(name)))
    return this.#bits.get(name)
  }

  /** The same for several values together. */
  anyOf(names: Iterable<ValueName>): Int | undefined {
    return either([...names].map((name) => this.of(name)))
  }
}

/**
 * 1 if an argument or a part of it could not be read, else 0. An address that is 0 is readable: it
 * has no value. Computed without branches, because the verifier follows each constant from a branch
 * separately to the end of the program. Evaluated after the value's tail was written.
 * @returns undefined if the argument can always be read
 */
export function unreadableBit(k: Code, value: ArgumentValue): Int | undefined {
  const failed = value.incomplete ? value.incomplete() : value.unreadable?.()
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

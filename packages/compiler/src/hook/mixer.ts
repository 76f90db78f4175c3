import type { Code, Int, Variable } from '@tetragon-ts/ebpf/lang'

const secret = new DataView(crypto.getRandomValues(new Uint8Array(32)).buffer)
const word = (at: number): bigint => secret.getBigUint64(at, true)
const seeds = [word(0), word(8)] as const
const factors = [word(16) | 1n, word(24) | 1n] as const

const word64 = (value: bigint): bigint => BigInt.asUintN(64, value)

/**
 * State of a hash of 128 bits over a row of words, with a random seed, so that collisions are
 * hard to provoke. Constants cost no instruction.
 */
export class Mixer {
  readonly a: Variable
  readonly b: Variable

  constructor(k: Code, constants: readonly number[]) {
    let [a, b]: readonly bigint[] = seeds
    for (const constant of constants) {
      b = word64((word64(b + BigInt(constant)) ^ a) * factors[1])
      b ^= b >> 32n
      a = word64((a ^ BigInt(constant)) * factors[0])
      a ^= a >> 29n
    }
    this.a = k.variable(a)
    this.b = k.variable(b)
  }

  add(word: Int): void {
    const b = this.b.add(word).xor(this.a).mul(factors[1])
    this.b.set(b.xor(b.shiftRight(32)))
    const a = this.a.xor(word).mul(factors[0])
    this.a.set(a.xor(a.shiftRight(29)))
  }
}

/** Bits of a probability, and of the step by which it adapts. */
const [probabilityBits, adaptationBits] = [11, 5]
/** The probability of an even chance: the initial value of all. */
export const evenChance = 1 << (probabilityBits - 1)

/** Decodes bits from bytes: the range coder of LZMA. Reads zeros after the end of the input. */
export class RangeDecoder {
  readonly #input: Uint8Array
  #at: number
  #range = 0xffff_ffff
  #code = 0

  /** @param at position of the coded data: a zero byte and the first four bytes of the code */
  constructor(input: Uint8Array, at: number) {
    this.#input = input
    this.#at = at + 1
    for (let i = 0; i < 4; i++) this.#code = ((this.#code << 8) | this.#next()) >>> 0
  }

  /** Position after the last byte that was read. */
  get position(): number {
    return this.#at
  }

  /** Whether the code is used up, as it is after the last bit that was encoded. */
  get isAtEnd(): boolean {
    return this.#code === 0
  }

  #next(): number {
    const byte = this.#input[this.#at++]
    return byte === undefined ? 0 : byte
  }

  #normalize(): void {
    if (this.#range >= 1 << 24) return
    this.#range = (this.#range << 8) >>> 0
    this.#code = ((this.#code << 8) | this.#next()) >>> 0
  }

  /** One bit with an adaptive probability, that at this index. */
  bit(probabilities: Uint16Array, index: number): number {
    const probability = probabilities[index]
    const bound = (this.#range >>> probabilityBits) * probability
    let bit = 0
    if (this.#code < bound) {
      this.#range = bound
      probabilities[index] += ((1 << probabilityBits) - probability) >> adaptationBits
    } else {
      this.#range -= bound
      this.#code -= bound
      probabilities[index] -= probability >> adaptationBits
      bit = 1
    }
    this.#normalize()
    return bit
  }

  /** Bits of even chance, the highest first. */
  direct(count: number): number {
    let value = 0
    for (let i = 0; i < count; i++) {
      this.#range >>>= 1
      const bit = this.#code >= this.#range ? 1 : 0
      if (bit === 1) this.#code -= this.#range
      value = value * 2 + bit
      this.#normalize()
    }
    return value
  }

  /** A number of that many bits, the highest first, each with a probability of its own. */
  tree(probabilities: Uint16Array, start: number, bits: number): number {
    let node = 1
    for (let i = 0; i < bits; i++) node = (node << 1) | this.bit(probabilities, start + node)
    return node - (1 << bits)
  }

  /** The same, the lowest bit first. */
  reverseTree(probabilities: Uint16Array, start: number, bits: number): number {
    let node = 1
    let value = 0
    for (let i = 0; i < bits; i++) {
      const bit = this.bit(probabilities, start + node)
      node = (node << 1) | bit
      value |= bit << i
    }
    return value
  }
}

import { evenChance, RangeDecoder } from './range-decoder.ts'

/**
 * Parameters of LZMA: how many bits of the previous byte (lc) and of the position (lp) select the
 * probabilities of literals, and how many of the position (pb) select others.
 */
export interface LzmaProperties {
  readonly lc: number
  readonly lp: number
  readonly pb: number
}

const states = 12
const positionStates = 16
/** Distances from this slot on have bits of even chance. */
const directSlot = 14
const alignBits = 4

/** Probabilities of the length of a match. */
interface LengthCoder {
  readonly choice: Uint16Array
  readonly low: Uint16Array
  readonly middle: Uint16Array
  readonly high: Uint16Array
}

/** Input that no encoder writes. */
export class LzmaDataError extends Error {}

/**
 * Decodes LZMA, as the LZMA SDK specifies it. The state is kept from one piece of the input to the
 * next; the output is its own dictionary.
 */
export class LzmaDecoder {
  #properties: LzmaProperties
  readonly #literals: Uint16Array
  readonly #isMatch = even(states * positionStates)
  readonly #isRep = even(states)
  readonly #isRep0 = even(states)
  readonly #isRep0Long = even(states * positionStates)
  readonly #isRep1 = even(states)
  readonly #isRep2 = even(states)
  readonly #slots = even(4 << 6)
  readonly #special = even(128)
  readonly #align = even(1 << alignBits)
  readonly #matchLength = lengthCoder()
  readonly #repLength = lengthCoder()
  readonly #distances = [0, 0, 0, 0]
  #state = 0

  constructor(properties: LzmaProperties) {
    this.#properties = properties
    this.#literals = even(literalCount(properties))
  }

  /** Returns to the initial state. @returns false if the properties need another decoder */
  reset(properties: LzmaProperties): boolean {
    if (literalCount(properties) !== this.#literals.length) return false
    this.#properties = properties
    const { choice, low, middle, high } = this.#matchLength
    const rep = this.#repLength
    for (const probabilities of [
      ...[this.#literals, this.#isMatch, this.#isRep, this.#isRep0, this.#isRep0Long],
      ...[this.#isRep1, this.#isRep2, this.#slots, this.#special, this.#align],
      ...[choice, low, middle, high, rep.choice, rep.low, rep.middle, rep.high],
    ]) {
      probabilities.fill(evenChance)
    }
    this.#distances.fill(0)
    this.#state = 0
    return true
  }

  /**
   * Decodes input from `at` on into `output`, from `from` up to `to`. Returns where the input
   * ended.
   *
   * @param start where the dictionary begins in the output
   * @throws LzmaDataError
   */
  decode(
    input: Uint8Array,
    at: number,
    output: Uint8Array,
    range: { readonly start: number; readonly from: number; readonly to: number },
  ): number {
    const { start, from, to } = range
    const coder = new RangeDecoder(input, at)
    const positionMask = (1 << this.#properties.pb) - 1
    let place = from
    while (place < to) {
      const positionState = (place - start) & positionMask
      if (coder.bit(this.#isMatch, this.#state * positionStates + positionState) === 0) {
        output[place] = this.#literal(coder, output, start, place)
        place++
        continue
      }
      const length = this.#match(coder, positionState)
      const source = place - this.#distances[0] - 1
      if (source < start || length > to - place) throw new LzmaDataError('match out of range')
      for (let i = 0; i < length; i++) output[place + i] = output[source + i]
      place += length
    }
    if (!coder.isAtEnd) throw new LzmaDataError('data does not end where it should')
    return coder.position
  }

  #literal(coder: RangeDecoder, output: Uint8Array, start: number, place: number): number {
    const { lc, lp } = this.#properties
    const previous = place > start ? output[place - 1] : 0
    const context = (((place - start) & ((1 << lp) - 1)) << lc) + (previous >> (8 - lc))
    const base = context * 0x300
    let symbol = 1
    if (this.#state >= 7) {
      const source = place - this.#distances[0] - 1
      if (source < start) throw new LzmaDataError('literal out of range')
      let match = output[source]
      while (symbol < 0x100) {
        const matchBit = (match >> 7) & 1
        match <<= 1
        const bit = coder.bit(this.#literals, base + ((1 + matchBit) << 8) + symbol)
        symbol = (symbol << 1) | bit
        if (bit !== matchBit) break
      }
    }
    while (symbol < 0x100) symbol = (symbol << 1) | coder.bit(this.#literals, base + symbol)
    this.#state = this.#state < 4 ? 0 : this.#state < 10 ? this.#state - 3 : this.#state - 6
    return symbol & 0xff
  }

  /** Decodes a match: returns its length, and puts its distance first. */
  #match(coder: RangeDecoder, positionState: number): number {
    const distances = this.#distances
    const state = this.#state
    if (coder.bit(this.#isRep, state) === 0) {
      distances.copyWithin(1, 0, 3)
      const length = decodeLength(coder, this.#matchLength, positionState)
      this.#state = state < 7 ? 7 : 10
      distances[0] = this.#distance(coder, length)
      return length
    }
    if (coder.bit(this.#isRep0, state) === 0) {
      if (coder.bit(this.#isRep0Long, state * positionStates + positionState) === 0) {
        this.#state = state < 7 ? 9 : 11
        return 1
      }
    } else {
      const index = coder.bit(this.#isRep1, state) === 0 ? 1 : 2 + coder.bit(this.#isRep2, state)
      const distance = distances[index]
      distances.copyWithin(1, 0, index)
      distances[0] = distance
    }
    this.#state = state < 7 ? 8 : 11
    return decodeLength(coder, this.#repLength, positionState)
  }

  #distance(coder: RangeDecoder, length: number): number {
    const slot = coder.tree(this.#slots, Math.min(length - 2, 3) << 6, 6)
    if (slot < 4) return slot
    const bits = (slot >> 1) - 1
    const base = (2 | (slot & 1)) * 2 ** bits
    if (slot < directSlot) {
      return base + coder.reverseTree(this.#special, base - slot, bits)
    }
    const high = coder.direct(bits - alignBits) * (1 << alignBits)
    return base + high + coder.reverseTree(this.#align, 0, alignBits)
  }
}

function decodeLength(coder: RangeDecoder, lengths: LengthCoder, positionState: number): number {
  if (coder.bit(lengths.choice, 0) === 0) return 2 + coder.tree(lengths.low, positionState << 3, 3)
  if (coder.bit(lengths.choice, 1) === 0) {
    return 10 + coder.tree(lengths.middle, positionState << 3, 3)
  }
  return 18 + coder.tree(lengths.high, 0, 8)
}

/** Number of probabilities of literals. */
function literalCount({ lc, lp }: LzmaProperties): number {
  return 0x300 << (lc + lp)
}

function lengthCoder(): LengthCoder {
  return {
    choice: even(2),
    low: even(positionStates << 3),
    middle: even(positionStates << 3),
    high: even(256),
  }
}

function even(count: number): Uint16Array {
  return new Uint16Array(count).fill(evenChance)
}

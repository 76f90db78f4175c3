import type { Bytes, Cell, Code, Int } from '@tetragon-ts/ebpf/lang'
import type { Hit } from '../hook/hit.ts'
import { readAny } from '../hook/memory.ts'

/** Size of the walker's state in bytes. */
export const walkerState = 40

/** include/uapi/linux/uio.h: struct iovec; struct kvec has the same layout. */
const vectorSize = 16
/** UIO_MAXIOV: maximum number of segments in the kernel. */
const segmentsMax = 1024
/** Each round either finds a segment or handles a piece of one. */
const longRounds = 2 * segmentsMax + 64
/** Rounds if the verifier walks each of them: 32 segments, each is found and then handled. */
const shortRounds = 64
/** Pieces of one range, and a round to find its end. */
const singleRounds = 16

/** Hit to walk: one range, or the segments of an array of struct iovec. */
export interface Segments {
  /** The first range. */
  readonly address: Int
  readonly length: Int
  /** An array of further segments: its address and length. */
  readonly vector?: Int
  readonly count?: Int
  /** Bytes to skip in the first segment of the array. */
  readonly skip?: Int
}

/** Walks over memory in several segments, in order. */
export class SegmentWalker {
  readonly #hit: Hit
  readonly #state: Bytes
  readonly #segments: Segments

  /** @param state scratch memory of {@link walkerState} bytes */
  constructor(hit: Hit, state: Bytes, segments: Segments) {
    this.#hit = hit
    this.#state = state
    this.#segments = segments
  }

  /**
   * Walks over the memory.
   * @param take receives the address and length (not 0) of a range, and returns how many bytes it
   *   has handled
   */
  each(take: (address: Int, left: Int, leave: () => void) => Int): void {
    const { k } = this.#hit
    const { address, length, vector, count, skip } = this.#segments
    const at = this.#state.cell(0, address)
    const left = this.#state.cell(8, length)
    const index = this.#state.cell(16, 0)
    const skipped = this.#state.cell(24, skip ?? 0)
    // In memory: otherwise each round would end with different bounds, each verified separately.
    const end = this.#state.cell(32, count ?? 0)
    const manyRounds = k.target.bpfLoop ? longRounds : shortRounds
    const rounds = vector === undefined ? singleRounds : manyRounds
    k.loop(rounds, (_, leave) => {
      k.when(
        left.get().eq(0),
        () => {
          const next = index.get()
          k.when(next.ge(end.get()), leave)
          if (vector === undefined) return
          // Kernel or user memory, depending on the address; both have base and length.
          const slot = k.stackBytes(vectorSize)
          const from = vector.add(next.mul(vectorSize))
          readVector(this.#hit, slot, from, leave)
          const over = skipped.get()
          at.set(slot.load(8, 0).add(over))
          left.set(slot.load(8, 8).sub(over))
          skipped.set(0)
          index.set(next.add(1))
        },
        () => {
          const start = at.get()
          const before = left.get()
          const done = take(start, before, leave)
          at.set(start.add(done))
          left.set(before.sub(done))
        },
      )
    })
  }
}

/**
 * The minimum of some numbers, the first of which is in a cell. In memory, the verifier does not
 * track which one it was, and verifies all rounds of a loop alike.
 */
export function smallest(k: Code, first: Cell, others: readonly Int[]): Int {
  for (const other of others) k.when(first.get().gt(other), () => first.set(other))
  return first.get()
}

/** Maximum number of segments to sum if the verifier walks over each of them. */
const shortSum = 256

/** Total length of the segments of an array of struct iovec. */
export function sumOfLengths(hit: Hit, state: Bytes, vector: Int, count: Int): Int {
  const { k } = hit
  const total = state.cell(0)
  // In memory, so that the verifier forgets what it learns about them in a round.
  const end = state.cell(8, count)
  const start = state.cell(16, vector)
  k.loop(k.target.bpfLoop ? segmentsMax : shortSum, (round, leave) => {
    k.when(end.get().le(round), leave)
    const slot = k.stackBytes(vectorSize)
    readVector(hit, slot, start.get().add(round.mul(vectorSize)), leave)
    total.set(total.get().add(slot.load(8, 8)))
  })
  return total.get()
}

function readVector(hit: Hit, slot: Bytes, from: Int, failed: () => void): void {
  hit.k.when(readAny(hit, slot, vectorSize, from).ne(0), failed)
}

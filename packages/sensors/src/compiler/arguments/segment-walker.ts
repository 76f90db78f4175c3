import type { Bytes, Cell, Code, Int } from '@tetragon-ts/ebpf/lang'

/** Bytes of the state that walking over segments needs. */
export const walkerState = 40

/** include/uapi/linux/uio.h: struct iovec, and struct kvec alike. */
const vectorSize = 16
/** UIO_MAXIOV: most segments that the kernel takes. */
const mostSegments = 1024
/** Rounds of the walk find a segment or take a piece of one. */
const longRounds = 2 * mostSegments + 64
/** Rounds where the verifier walks each of them: 32 segments, each is found and then taken. */
const shortRounds = 64
/** Pieces of one stretch, and a round to find that nothing follows. */
const singleRounds = 16

/** Where memory lies: one stretch, or the segments of an array of struct iovec. */
export interface Segments {
  /** The first stretch. */
  readonly address: Int
  readonly length: Int
  /** An array of further ones: its address and their number. */
  readonly vector?: Int
  readonly count?: Int
  /** Bytes of the first segment of the array that are left out. */
  readonly skip?: Int
}

/** Memory that lies in several segments, walked from the first to the last. */
export class SegmentWalker {
  readonly #k: Code
  readonly #state: Bytes
  readonly #segments: Segments

  /** @param state scratch memory of {@link walkerState} bytes */
  constructor(k: Code, state: Bytes, segments: Segments) {
    this.#k = k
    this.#state = state
    this.#segments = segments
  }

  /**
   * Walks over it.
   * @param take gets a stretch's address and length, not 0, and gives how many bytes of it are
   *   dealt with
   */
  each(take: (address: Int, left: Int, leave: () => void) => Int): void {
    const k = this.#k
    const { address, length, vector, count, skip } = this.#segments
    const at = this.#state.cell(0, address)
    const left = this.#state.cell(8, length)
    const index = this.#state.cell(16, 0)
    const skipped = this.#state.cell(24, skip ?? 0)
    // In memory: else each round would leave with other bounds of it, each followed to the end.
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
          // Kernel or user memory, as its address says; both lie as base and length.
          const slot = k.stackBytes(vectorSize)
          const from = vector.add(next.mul(vectorSize))
          readVector(k, slot, from, leave)
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
 * The smallest of some numbers, of which the first lies in a cell. In memory the verifier does not
 * follow which it was, and sees all rounds of a loop alike.
 */
export function smallest(k: Code, first: Cell, others: readonly Int[]): Int {
  for (const other of others) k.when(first.get().gt(other), () => first.set(other))
  return first.get()
}

/** Segments that are counted where the verifier walks over each of them. */
const shortSum = 256

/** How many bytes the segments of an array of struct iovec have together. */
export function sumOfLengths(k: Code, state: Bytes, vector: Int, count: Int): Int {
  const total = state.cell(0)
  // In memory, so that what a round finds out about them does not last.
  const end = state.cell(8, count)
  const start = state.cell(16, vector)
  k.loop(k.target.bpfLoop ? mostSegments : shortSum, (round, leave) => {
    k.when(end.get().le(round), leave)
    const slot = k.stackBytes(vectorSize)
    readVector(k, slot, start.get().add(round.mul(vectorSize)), leave)
    total.set(total.get().add(slot.load(8, 8)))
  })
  return total.get()
}

function readVector(k: Code, slot: Bytes, from: Int, failed: () => void): void {
  k.when(
    from.signedLt(0),
    () => k.when(k.readKernel(slot, vectorSize, from).ne(0), failed),
    () => k.when(k.readUser(slot, vectorSize, from).ne(0), failed),
  )
}

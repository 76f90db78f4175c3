import { chunkOps, type Steps } from '../../steps/index.ts'
import { eachRead, type Op, type Target, type Virtual, written } from './ir.ts'

/** From where to where a register holds a value that is still wanted (indices of operations). */
export interface Interval {
  readonly register: Virtual
  start: number
  end: number
  /** Whether a call happens while the value is wanted: calls destroy r0 to r5. */
  crossesCall: boolean
}

interface Block {
  readonly first: number
  readonly last: number
  readonly successors: number[]
  readonly predecessors: number[]
}

/** The registers that operations read and write, in one list: this is asked for several times. */
class Uses {
  /** Those that operation `i` reads are at `ends[i - 1]` to `ends[i]`. */
  readonly reads: readonly Virtual[]
  readonly ends: Int32Array
  /** The register that an operation writes; -1: none. */
  readonly writes: Int32Array

  constructor(ops: readonly Op[]) {
    const reads: Virtual[] = []
    this.ends = new Int32Array(ops.length)
    this.writes = new Int32Array(ops.length)
    const add = (register: Virtual): void => {
      reads.push(register)
    }
    for (let i = 0; i < ops.length; i++) {
      eachRead(ops[i], add)
      this.ends[i] = reads.length
      this.writes[i] = written(ops[i]) ?? -1
    }
    this.reads = reads
  }

  /** Where the list of an operation begins. */
  begin(i: number): number {
    return i === 0 ? 0 : this.ends[i - 1]
  }
}

/**
 * Live intervals of all registers, ordered by start. One interval covers everything from the first
 * to the last point where the register is live, loops included.
 */
export function* liveIntervals(ops: readonly Op[], registers: number): Steps<Interval[]> {
  const blocks = splitBlocks(ops)
  yield
  const uses = new Uses(ops)
  yield
  const borders = yield* liveAtBorders(uses, blocks, registers)
  const intervals = coveringIntervals(uses, blocks, borders, registers)
  yield
  markCalls(ops, intervals)
  yield
  return intervals.sort((a, b) => a.start - b.start || a.end - b.end)
}

function coveringIntervals(
  uses: Uses,
  blocks: readonly Block[],
  { into, outOf }: LiveAtBorders,
  registers: number,
): Interval[] {
  const { reads, ends, writes } = uses
  const known: (Interval | undefined)[] = new Array(registers)
  const intervals: Interval[] = []
  const extend = (register: Virtual, at: number): void => {
    const interval = known[register]
    if (interval === undefined) {
      const added = { register, start: at, end: at, crossesCall: false }
      known[register] = added
      intervals.push(added)
    } else if (at < interval.start) interval.start = at
    else if (at > interval.end) interval.end = at
  }
  for (let b = 0; b < blocks.length; b++) {
    const { first, last } = blocks[b]
    for (const register of into.get(b) ?? []) extend(register, first)
    for (const register of outOf.get(b) ?? []) extend(register, last + 1)
    for (let i = first, r = uses.begin(first); i <= last; i++) {
      for (; r < ends[i]; r++) extend(reads[r], i)
      if (writes[i] >= 0) extend(writes[i], i)
    }
  }
  return intervals
}

function splitBlocks(ops: readonly Op[]): Block[] {
  const firsts: number[] = []
  const blockAt = new Map<Target, number>()
  let begins = true
  for (let i = 0; i < ops.length; i++) {
    const op = ops[i]
    if (begins || op.op === 'place') firsts.push(i)
    if (op.op === 'place') blockAt.set(op.target, firsts.length - 1)
    begins = op.op === 'jump' || op.op === 'branch' || op.op === 'exit'
  }
  const blocks = firsts.map((first, index): Block => {
    const last = (firsts[index + 1] ?? ops.length) - 1
    const end = ops[last]
    const successors: number[] = []
    if (end.op === 'jump' || end.op === 'branch') successors.push(blockAt.get(end.to) as number)
    if (end.op !== 'jump' && end.op !== 'exit' && last + 1 < ops.length) successors.push(index + 1)
    return { first, last, successors, predecessors: [] }
  })
  blocks.forEach(({ successors }, b) => {
    for (const successor of successors) blocks[successor].predecessors.push(b)
  })
  return blocks
}

/** Registers by the first and the last block whose begin, or end, they are live at. */
interface LiveAtBorders {
  readonly into: ReadonlyMap<number, readonly Virtual[]>
  readonly outOf: ReadonlyMap<number, readonly Virtual[]>
}

/**
 * Where registers are live between blocks. Most are live within one block; from each block that
 * reads one of the others before it writes it, its life is followed backwards. So the time is that
 * of all lives together, and not the number of blocks times that of registers.
 */
function* liveAtBorders(
  uses: Uses,
  blocks: readonly Block[],
  registers: number,
): Steps<LiveAtBorders> {
  const readers = readersOf(uses, blocks, registers)
  yield
  const writers = writersOf(uses, blocks, readers)
  yield
  const lives = new BorderLives(blocks)
  let paused = 0
  for (const [register, reading] of readers) {
    lives.follow(register, reading, writers.get(register) ?? [])
    if (lives.visits - paused < chunkOps) continue
    paused = lives.visits
    yield
  }
  return lives
}

/** Follows lives of registers, one after the other. */
class BorderLives implements LiveAtBorders {
  readonly into = new Map<number, Virtual[]>()
  readonly outOf = new Map<number, Virtual[]>()
  /** Blocks that were visited. */
  visits = 0
  readonly #blocks: readonly Block[]
  // By block, the last register that was found to be live there, or is written there.
  readonly #seenInto: Int32Array
  readonly #seenOutOf: Int32Array
  readonly #writes: Int32Array
  readonly #pending: number[] = []

  constructor(blocks: readonly Block[]) {
    this.#blocks = blocks
    this.#seenInto = new Int32Array(blocks.length).fill(-1)
    this.#seenOutOf = new Int32Array(blocks.length).fill(-1)
    this.#writes = new Int32Array(blocks.length).fill(-1)
  }

  /**
   * @param reading blocks that read the register before they write it
   * @param writing all that write it
   */
  follow(register: Virtual, reading: readonly number[], writing: readonly number[]): void {
    const [seenInto, seenOutOf, writes] = [this.#seenInto, this.#seenOutOf, this.#writes]
    const pending = this.#pending
    for (const b of writing) writes[b] = register
    for (const b of reading) {
      seenInto[b] = register
      pending.push(b)
    }
    let [firstInto, lastInto] = [reading[0], reading[0]]
    let [firstOutOf, lastOutOf] = [this.#blocks.length, -1]
    for (let b = pending.pop(); b !== undefined; b = pending.pop()) {
      this.visits++
      if (b < firstInto) firstInto = b
      if (b > lastInto) lastInto = b
      for (const before of this.#blocks[b].predecessors) {
        if (seenOutOf[before] === register) continue
        seenOutOf[before] = register
        if (before < firstOutOf) firstOutOf = before
        if (before > lastOutOf) lastOutOf = before
        if (seenInto[before] === register || writes[before] === register) continue
        seenInto[before] = register
        pending.push(before)
      }
    }
    addBorders(this.into, firstInto, lastInto, register)
    if (lastOutOf >= 0) addBorders(this.outOf, firstOutOf, lastOutOf, register)
  }
}

function addBorders(
  borders: Map<number, Virtual[]>,
  first: number,
  last: number,
  register: Virtual,
): void {
  for (const b of first === last ? [first] : [first, last]) {
    const there = borders.get(b)
    if (there) there.push(register)
    else borders.set(b, [register])
  }
}

/** The registers that some block reads before it writes them, with these blocks. */
function readersOf(
  uses: Uses,
  blocks: readonly Block[],
  registers: number,
): Map<Virtual, number[]> {
  const { reads, ends, writes } = uses
  const readers = new Map<Virtual, number[]>()
  const writtenIn = new Int32Array(registers).fill(-1)
  for (let b = 0; b < blocks.length; b++) {
    const { first, last } = blocks[b]
    for (let i = first, r = uses.begin(first); i <= last; i++) {
      for (; r < ends[i]; r++) {
        if (writtenIn[reads[r]] !== b) addBlock(readers, reads[r], b)
      }
      if (writes[i] >= 0) writtenIn[writes[i]] = b
    }
  }
  return readers
}

/** The blocks that write these registers. */
function writersOf(
  { writes }: Uses,
  blocks: readonly Block[],
  registers: ReadonlyMap<Virtual, unknown>,
): Map<Virtual, number[]> {
  const writers = new Map<Virtual, number[]>()
  for (let b = 0; b < blocks.length; b++) {
    const { first, last } = blocks[b]
    for (let i = first; i <= last; i++) {
      if (writes[i] >= 0 && registers.has(writes[i])) addBlock(writers, writes[i], b)
    }
  }
  return writers
}

/** @param b not before the blocks that the register has already */
function addBlock(blocks: Map<Virtual, number[]>, register: Virtual, b: number): void {
  const there = blocks.get(register)
  if (there === undefined) blocks.set(register, [b])
  else if (there[there.length - 1] !== b) there.push(b)
}

function markCalls(ops: readonly Op[], intervals: readonly Interval[]): void {
  // callsBefore[i] = number of calls among the operations before i
  const callsBefore = new Uint32Array(ops.length + 2)
  ops.forEach((op, i) => {
    callsBefore[i + 1] = callsBefore[i] + (op.op === 'call' ? 1 : 0)
  })
  callsBefore[ops.length + 1] = callsBefore[ops.length]
  for (const interval of intervals) {
    // A value read by a call as an argument, or born by it, does not live across that call.
    const { start, end } = interval
    interval.crossesCall = end > start + 1 && callsBefore[end] - callsBefore[start + 1] > 0
  }
}

import { chunkOps, type Steps } from '../../steps/index.ts'
import { placeIndex } from './flow.ts'
import { eachRead, type Op, type Virtual, written } from './ir.ts'

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
  const blocks = splitBlocks(ops)
  yield
  const uses = new Uses(ops)
  yield
  const { reads, ends, writes } = uses
  const borders = yield* liveAtBorders(uses, blocks, registers)
  for (let b = 0; b < blocks.length; b++) {
    const { first, last } = blocks[b]
    for (const register of borders.into.get(b) ?? []) extend(register, first)
    for (const register of borders.outOf.get(b) ?? []) extend(register, last + 1)
    for (let i = first, r = uses.begin(first); i <= last; i++) {
      for (; r < ends[i]; r++) extend(reads[r], i)
      if (writes[i] >= 0) extend(writes[i], i)
    }
    if (b % chunkOps === 0) yield
  }
  markCalls(ops, intervals)
  yield
  return intervals.sort((a, b) => a.start - b.start || a.end - b.end)
}

function splitBlocks(ops: readonly Op[]): Block[] {
  const starts = new Set<number>([0])
  ops.forEach((op, i) => {
    if (op.op === 'place') starts.add(i)
    if (op.op === 'jump' || op.op === 'branch' || op.op === 'exit') starts.add(i + 1)
  })
  const firsts = [...starts].filter((i) => i < ops.length).sort((a, b) => a - b)
  const blockAt = new Map(firsts.map((first, index) => [first, index]))
  const places = placeIndex(ops)

  const blocks = firsts.map((first, index): Block => {
    const last = (firsts[index + 1] ?? ops.length) - 1
    const end = ops[last]
    const successors: number[] = []
    if (end.op === 'jump' || end.op === 'branch') {
      successors.push(blockAt.get(places.get(end.to) as number) as number)
    }
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
  const readers = yield* readersOf(uses, blocks, registers)
  const into = new Map<number, Virtual[]>()
  const outOf = new Map<number, Virtual[]>()
  const add = (at: Map<number, Virtual[]>, b: number, register: Virtual): void => {
    const there = at.get(b)
    if (there) there.push(register)
    else at.set(b, [register])
  }
  const isWriter = writersOf(uses, blocks, readers)
  // The blocks that were visited for a register.
  const seenInto = new Int32Array(blocks.length).fill(-1)
  const seenOutOf = new Int32Array(blocks.length).fill(-1)
  const pending: number[] = []
  let visits = 0
  for (const [register, reading] of readers) {
    let [firstInto, lastInto] = [reading[0], reading[0]]
    let [firstOutOf, lastOutOf] = [blocks.length, -1]
    for (const b of reading) {
      seenInto[b] = register
      pending.push(b)
    }
    for (let b = pending.pop(); b !== undefined; b = pending.pop()) {
      if (b < firstInto) firstInto = b
      if (b > lastInto) lastInto = b
      for (const before of blocks[b].predecessors) {
        if (seenOutOf[before] === register) continue
        seenOutOf[before] = register
        if (before < firstOutOf) firstOutOf = before
        if (before > lastOutOf) lastOutOf = before
        if (seenInto[before] === register || isWriter(register, before)) continue
        seenInto[before] = register
        pending.push(before)
      }
      if (++visits % chunkOps === 0) yield
    }
    add(into, firstInto, register)
    if (lastInto !== firstInto) add(into, lastInto, register)
    if (lastOutOf < 0) continue
    add(outOf, firstOutOf, register)
    if (lastOutOf !== firstOutOf) add(outOf, lastOutOf, register)
  }
  return { into, outOf }
}

/** The registers that some block reads before it writes them, with these blocks. */
function* readersOf(
  uses: Uses,
  blocks: readonly Block[],
  registers: number,
): Steps<Map<Virtual, number[]>> {
  const { reads, ends, writes } = uses
  const readers = new Map<Virtual, number[]>()
  const writtenIn = new Int32Array(registers).fill(-1)
  for (let b = 0; b < blocks.length; b++) {
    const { first, last } = blocks[b]
    for (let i = first, r = uses.begin(first); i <= last; i++) {
      for (; r < ends[i]; r++) {
        if (writtenIn[reads[r]] === b) continue
        const reading = readers.get(reads[r])
        if (reading === undefined) readers.set(reads[r], [b])
        else if (reading[reading.length - 1] !== b) reading.push(b)
      }
      if (writes[i] >= 0) writtenIn[writes[i]] = b
    }
    if (b % chunkOps === 0) yield
  }
  return readers
}

/** @returns whether a block writes one of these registers */
function writersOf(
  { writes }: Uses,
  blocks: readonly Block[],
  registers: ReadonlyMap<Virtual, unknown>,
): (register: Virtual, block: number) => boolean {
  const writing = new Map<Virtual, Set<number>>()
  blocks.forEach(({ first, last }, b) => {
    for (let i = first; i <= last; i++) {
      if (writes[i] < 0 || !registers.has(writes[i])) continue
      const there = writing.get(writes[i])
      if (there) there.add(b)
      else writing.set(writes[i], new Set([b]))
    }
  })
  return (register, block) => writing.get(register)?.has(block) === true
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

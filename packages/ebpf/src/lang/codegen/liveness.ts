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
}

/** Sets of crossing registers: a bit is the position of a register in `crossingRegisters`. */
interface BlockBits {
  readonly used: Uint32Array
  readonly defined: Uint32Array
  readonly liveIn: Uint32Array
  readonly liveOut: Uint32Array
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
export function liveIntervals(ops: readonly Op[], registers: number): Interval[] {
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
  const uses = new Uses(ops)
  const { reads, ends, writes } = uses
  const crossing = crossingRegisters(uses, blocks, registers)
  const bits = blockBits(uses, blocks, crossing, registers)
  propagate(blocks, bits)
  blocks.forEach(({ first, last }, b) => {
    eachBit(bits[b].liveIn, (position) => extend(crossing[position], first))
    eachBit(bits[b].liveOut, (position) => extend(crossing[position], last + 1))
    for (let i = first, r = uses.begin(first); i <= last; i++) {
      for (; r < ends[i]; r++) extend(reads[r], i)
      if (writes[i] >= 0) extend(writes[i], i)
    }
  })
  markCalls(ops, intervals)
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

  return firsts.map((first, index) => {
    const last = (firsts[index + 1] ?? ops.length) - 1
    const end = ops[last]
    const successors: number[] = []
    if (end.op === 'jump' || end.op === 'branch') {
      successors.push(blockAt.get(places.get(end.to) as number) as number)
    }
    if (end.op !== 'jump' && end.op !== 'exit' && last + 1 < ops.length) successors.push(index + 1)
    return { first, last, successors }
  })
}

/**
 * The registers that some block reads before it writes them. All others are live within one block
 * only. They are nearly all registers of a long program, so `propagate` is faster without them.
 */
function crossingRegisters(uses: Uses, blocks: readonly Block[], registers: number): Virtual[] {
  const { reads, ends, writes } = uses
  const crossing = new Set<Virtual>()
  const writtenIn = new Int32Array(registers).fill(-1)
  blocks.forEach(({ first, last }, b) => {
    for (let i = first, r = uses.begin(first); i <= last; i++) {
      for (; r < ends[i]; r++) {
        if (writtenIn[reads[r]] !== b) crossing.add(reads[r])
      }
      if (writes[i] >= 0) writtenIn[writes[i]] = b
    }
  })
  return [...crossing]
}

function blockBits(
  uses: Uses,
  blocks: readonly Block[],
  crossing: readonly Virtual[],
  registers: number,
): BlockBits[] {
  const { reads, ends, writes } = uses
  const words = (crossing.length + 31) >>> 5
  const positions = new Int32Array(registers).fill(-1)
  crossing.forEach((register, position) => {
    positions[register] = position
  })
  return blocks.map(({ first, last }) => {
    const used = new Uint32Array(words)
    const defined = new Uint32Array(words)
    for (let i = first, r = uses.begin(first); i <= last; i++) {
      for (; r < ends[i]; r++) {
        const position = positions[reads[r]]
        if (position >= 0 && !hasBit(defined, position)) setBit(used, position)
      }
      if (writes[i] >= 0 && positions[writes[i]] >= 0) setBit(defined, positions[writes[i]])
    }
    return { used, defined, liveIn: used.slice(), liveOut: new Uint32Array(words) }
  })
}

/** Backward data flow until nothing changes. */
function propagate(blocks: readonly Block[], bits: readonly BlockBits[]): void {
  for (let changed = true; changed; ) {
    changed = false
    for (let b = blocks.length - 1; b >= 0; b--) {
      const { successors } = blocks[b]
      const { used, defined, liveIn, liveOut } = bits[b]
      for (let w = 0; w < used.length; w++) {
        let out = 0
        for (const successor of successors) out |= bits[successor].liveIn[w]
        const into = (used[w] | (out & ~defined[w])) >>> 0
        liveOut[w] = out
        if (into !== liveIn[w]) {
          liveIn[w] = into
          changed = true
        }
      }
    }
  }
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

function setBit(bits: Uint32Array, index: number): void {
  bits[index >>> 5] |= 1 << (index & 31)
}

function hasBit(bits: Uint32Array, index: number): boolean {
  return ((bits[index >>> 5] >>> (index & 31)) & 1) === 1
}

function eachBit(bits: Uint32Array, use: (index: number) => void): void {
  for (let w = 0; w < bits.length; w++) {
    for (let word = bits[w]; word !== 0; word &= word - 1) {
      use((w << 5) + 31 - Math.clz32(word & -word))
    }
  }
}

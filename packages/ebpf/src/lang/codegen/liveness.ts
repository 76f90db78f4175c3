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

/**
 * Live intervals of all registers, ordered by start. One interval covers everything from the first
 * to the last point where the register is live, loops included.
 */
export function liveIntervals(ops: readonly Op[], registers: number): Interval[] {
  const intervals = new Map<Virtual, Interval>()
  const extend = (register: Virtual, at: number): void => {
    const interval = intervals.get(register)
    if (!interval) intervals.set(register, { register, start: at, end: at, crossesCall: false })
    else {
      interval.start = Math.min(interval.start, at)
      interval.end = Math.max(interval.end, at)
    }
  }
  const blocks = splitBlocks(ops)
  const crossing = crossingRegisters(ops, blocks, registers)
  const bits = blockBits(ops, blocks, crossing, registers)
  propagate(blocks, bits)
  blocks.forEach(({ first, last }, b) => {
    eachBit(bits[b].liveIn, (position) => extend(crossing[position], first))
    eachBit(bits[b].liveOut, (position) => extend(crossing[position], last + 1))
    for (let i = first; i <= last; i++) {
      eachRead(ops[i], (register) => extend(register, i))
      const dst = written(ops[i])
      if (dst !== undefined) extend(dst, i)
    }
  })
  markCalls(ops, intervals)
  return [...intervals.values()].sort((a, b) => a.start - b.start || a.end - b.end)
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
function crossingRegisters(
  ops: readonly Op[],
  blocks: readonly Block[],
  registers: number,
): Virtual[] {
  const crossing = new Set<Virtual>()
  const writtenIn = new Int32Array(registers).fill(-1)
  blocks.forEach(({ first, last }, b) => {
    for (let i = first; i <= last; i++) {
      eachRead(ops[i], (register) => {
        if (writtenIn[register] !== b) crossing.add(register)
      })
      const dst = written(ops[i])
      if (dst !== undefined) writtenIn[dst] = b
    }
  })
  return [...crossing]
}

function blockBits(
  ops: readonly Op[],
  blocks: readonly Block[],
  crossing: readonly Virtual[],
  registers: number,
): BlockBits[] {
  const words = (crossing.length + 31) >>> 5
  const positions = new Int32Array(registers).fill(-1)
  crossing.forEach((register, position) => {
    positions[register] = position
  })
  return blocks.map(({ first, last }) => {
    const used = new Uint32Array(words)
    const defined = new Uint32Array(words)
    for (let i = first; i <= last; i++) {
      eachRead(ops[i], (register) => {
        const position = positions[register]
        if (position >= 0 && !hasBit(defined, position)) setBit(used, position)
      })
      const dst = written(ops[i])
      if (dst !== undefined && positions[dst] >= 0) setBit(defined, positions[dst])
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

function markCalls(ops: readonly Op[], intervals: Map<Virtual, Interval>): void {
  // callsBefore[i] = number of calls among the operations before i
  const callsBefore = new Uint32Array(ops.length + 2)
  ops.forEach((op, i) => {
    callsBefore[i + 1] = callsBefore[i] + (op.op === 'call' ? 1 : 0)
  })
  callsBefore[ops.length + 1] = callsBefore[ops.length]
  for (const interval of intervals.values()) {
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

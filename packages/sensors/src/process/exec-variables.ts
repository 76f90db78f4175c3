import type { Bytes, Cell, Code, Int } from '@tetragon-ts/ebpf/lang'
import {
  filterFactors,
  filterShift,
  variableFilter,
  variableSize,
} from '../records/watched-variables.ts'

/** Bytes of a variable that one read copies. */
const pieceMax = 4096
/** Variables that a record can have: a power of two, less one. */
const foundMax = 31
/** Offset of the variables of the loop, after the last piece. */
const cellsOffset = (foundMax + 1) * variableSize + pieceMax
const filterOffset = cellsOffset + 32
/**
 * Pieces that are looked at. Kernels without bpf_loop (before Linux 5.17) verify each of them; with
 * it, an environment of this size takes a fifth of a millisecond.
 */
const roundsMax = { withLoops: 4096, before: 256 } as const

/**
 * Finds the environment variables that may be watched, and puts the start of each into a piece of
 * `variableSize` bytes of the buffer. Each variable is read into the next piece, which is kept if
 * a filter has its first four bytes: user space compares the whole name. Branches on what is read
 * would give old verifiers more states than they accept.
 * @param buffer 8192 bytes
 * @returns the range of the pieces, and not 0 as `cut` if variables were not looked at
 */
export function findVariables(
  k: Code,
  buffer: Bytes,
  { start, end }: { readonly start: Int; readonly end: Int },
): { readonly start: Int; readonly length: Int; readonly cut: Int } {
  const cells = buffer.at(cellsOffset)
  const cursor = cells.cell(0, start)
  const found = cells.cell(8, 0)
  const isStart = cells.cell(16, 1)
  const last = cells.cell(24, end)
  const filter = buffer.at(filterOffset)
  for (const [i, word] of variableFilter.entries()) filter.store(8, i * 8, word)
  const rounds = roundsMax[k.target.bpfLoop ? 'withLoops' : 'before']
  k.loop(rounds, (_, leave) => {
    k.when(cursor.get().ge(last.get()), leave)
    k.when(found.get().ge(foundMax), leave)
    readVariable(k, buffer, { cursor, found, isStart }, leave)
  })
  return {
    start: k.constant(0),
    length: found.get().and(foundMax).mul(variableSize),
    cut: k.select(cursor.get().lt(last.get()), 1, 0),
  }
}

interface Cells {
  /** Address of the next piece. */
  readonly cursor: Cell
  /** Pieces that are kept. */
  readonly found: Cell
  /** 1 if the next piece is the start of a variable. */
  readonly isStart: Cell
}

function readVariable(
  k: Code,
  buffer: Bytes,
  { cursor, found, isStart }: Cells,
  leave: () => void,
): void {
  const to = buffer.at(found.get().and(foundMax).mul(variableSize))
  const got = k.call('probe_read_user_str', to, pieceMax, cursor.get())
  k.when(got.signedLt(0), leave)
  // An empty string: older kernels return 0 for it, and copy nothing.
  const isEmpty = got.sub(1).shiftRight(63)
  const isWanted = inFilter(buffer.at(filterOffset), to.load(4))
  found.set(found.get().add(isWanted.and(isStart.get()).and(isEmpty.xor(1))))
  // A piece that was cut off ends with a zero that is not in the environment.
  const isWhole = got.sub(pieceMax).shiftRight(63)
  cursor.set(cursor.get().add(got).add(isEmpty).sub(isWhole.xor(1)))
  isStart.set(isWhole)
}

/** 1 if the filter has all bits of this name, else 0. */
function inFilter(filter: Bytes, start: Int): Int {
  const [first, second] = filterFactors.map((factor) => {
    const bit = start.mul(factor).shiftRight(filterShift).and(511)
    return filter.at(bit.shiftRight(3)).load(1).shiftRight(bit.and(7))
  })
  return first.and(second).and(1)
}

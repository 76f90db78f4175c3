import { Frame, placeSlots } from './frame.ts'
import type { Op, Slot } from './ir.ts'
import type { Interval } from './liveness.ts'

/** Where a virtual register lives: the number of a real one, or a stack slot. */
export type Location = number | Slot

/** Survive calls. */
const calleeSaved = [6, 7, 8, 9]
/** Destroyed by calls. r0 and r1 stay free: lowering needs two registers of its own. */
const callerSaved = [2, 3, 4, 5]
const allRegisters = [...callerSaved, ...calleeSaved]

export interface Allocation {
  /** By virtual register. */
  readonly location: readonly Location[]
  /** Bytes of stack in use. */
  readonly stack: number
}

/**
 * Linear scan: every value gets a real register for its whole life, the one whose life ends last
 * moves to the stack when registers run out.
 * @throws EbpfError EBPF_LANG_STACK when the stack slots exceed 512 bytes
 */
export function allocate(
  program: string,
  ops: readonly Op[],
  intervals: readonly Interval[],
  registers: number,
): Allocation {
  const location = new Array<Location>(registers)
  const hints = moveHints(ops, registers)
  const frame = new Frame(program)
  placeSlots(ops, frame)

  let active: { interval: Interval; register: number }[] = []
  // A bit for each register of `active`.
  let busy = 0
  for (const interval of intervals) {
    const { start, end, crossesCall, register: virtual } = interval
    let left = 0
    for (const entry of active) {
      if (entry.interval.end > start) active[left++] = entry
      else busy &= ~(1 << entry.register)
    }
    active.length = left
    const allowed = crossesCall ? calleeSaved : allRegisters
    const hint = location[hints[virtual]]
    const isFree = (register: number): boolean => (busy & (1 << register)) === 0
    const free =
      typeof hint === 'number' && allowed.includes(hint) && isFree(hint)
        ? hint
        : allowed.find(isFree)
    if (free !== undefined) {
      location[virtual] = free
      active.push({ interval, register: free })
      busy |= 1 << free
      continue
    }
    const victim = active
      .filter(({ register }) => allowed.includes(register))
      .reduce((a, b) => (b.interval.end > a.interval.end ? b : a))
    if (victim.interval.end > end) {
      // The victim's whole life moves to the stack, its past included.
      location[victim.interval.register] = frame.spill(victim.interval)
      location[virtual] = victim.register
      active = active.filter((entry) => entry !== victim)
      active.push({ interval, register: victim.register })
    } else {
      location[virtual] = frame.spill(interval)
    }
  }
  return { location, stack: frame.used }
}

/** The value that a register starts as a copy of, or -1: the same real register saves the copy. */
function moveHints(ops: readonly Op[], registers: number): Int32Array {
  const hints = new Int32Array(registers).fill(-1)
  for (const op of ops) {
    if (op.op === 'move') hints[op.dst] = op.src
    if (op.op === 'alu') hints[op.dst] = op.a
  }
  return hints
}

import { Frame, placeSlots } from './frame.ts'
import type { Op, Slot, Virtual } from './ir.ts'
import type { Interval } from './liveness.ts'

/** Where a virtual register lives: the number of a real one, or a stack slot. */
export type Location = number | Slot

/** Survive calls. */
const calleeSaved = [6, 7, 8, 9]
/** Destroyed by calls. r0 and r1 stay free: lowering needs two registers of its own. */
const callerSaved = [2, 3, 4, 5]
const allRegisters = [...callerSaved, ...calleeSaved]

export interface Allocation {
  readonly location: ReadonlyMap<Virtual, Location>
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
): Allocation {
  const location = new Map<Virtual, Location>()
  const hints = moveHints(ops)
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
    const hint = location.get(hints.get(virtual) ?? -1)
    const isFree = (register: number): boolean => (busy & (1 << register)) === 0
    const free =
      typeof hint === 'number' && allowed.includes(hint) && isFree(hint)
        ? hint
        : allowed.find(isFree)
    if (free !== undefined) {
      location.set(virtual, free)
      active.push({ interval, register: free })
      busy |= 1 << free
      continue
    }
    const victim = active
      .filter(({ register }) => allowed.includes(register))
      .reduce((a, b) => (b.interval.end > a.interval.end ? b : a))
    if (victim.interval.end > end) {
      // The victim's whole life moves to the stack, its past included.
      location.set(victim.interval.register, frame.spill(victim.interval))
      location.set(virtual, victim.register)
      active = active.filter((entry) => entry !== victim)
      active.push({ interval, register: victim.register })
    } else {
      location.set(virtual, frame.spill(interval))
    }
  }
  return { location, stack: frame.used }
}

/** The value that a register starts as a copy of: the same real register saves the copy. */
function moveHints(ops: readonly Op[]): Map<Virtual, Virtual> {
  const hints = new Map<Virtual, Virtual>()
  for (const op of ops) {
    if (op.op === 'move') hints.set(op.dst, op.src)
    if (op.op === 'alu') hints.set(op.dst, op.a)
  }
  return hints
}

import { Frame, placeSlots } from './frame.ts'
import type { Op, Slot, Virtual } from './ir.ts'
import type { Interval } from './liveness.ts'

/** Where a virtual register lives: the number of a real one, or a stack slot. */
export type Location = number | Slot

/** Survive calls. */
const calleeSaved = [6, 7, 8, 9]
/** Destroyed by calls. r0 and r1 stay free: lowering needs two registers of its own. */
const callerSaved = [2, 3, 4, 5]

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
  for (const interval of intervals) {
    active = active.filter(({ interval: other }) => other.end > interval.start)
    const busy = new Set(active.map(({ register }) => register))
    const allowed = interval.crossesCall ? calleeSaved : [...callerSaved, ...calleeSaved]
    const hint = location.get(hints.get(interval.register) ?? -1)
    const free =
      typeof hint === 'number' && allowed.includes(hint) && !busy.has(hint)
        ? hint
        : allowed.find((register) => !busy.has(register))
    if (free !== undefined) {
      location.set(interval.register, free)
      active.push({ interval, register: free })
      continue
    }
    const victim = active
      .filter(({ register }) => allowed.includes(register))
      .reduce((a, b) => (b.interval.end > a.interval.end ? b : a))
    if (victim.interval.end > interval.end) {
      // The victim's whole life moves to the stack, its past included.
      location.set(victim.interval.register, frame.spill(victim.interval))
      location.set(interval.register, victim.register)
      active = active.filter((entry) => entry !== victim)
      active.push({ interval, register: victim.register })
    } else {
      location.set(interval.register, frame.spill(interval))
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

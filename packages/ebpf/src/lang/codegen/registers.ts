import { EbpfError } from '../../sys/index.ts'
import { eachSlot, type Op, type Slot, type Virtual } from './ir.ts'
import type { Interval } from './liveness.ts'

/** Where a virtual register lives: the number of a real one, or a stack slot. */
export type Location = number | Slot

/** Survive calls. */
const calleeSaved = [6, 7, 8, 9]
/** Destroyed by calls. r0 and r1 stay free: lowering needs two registers of its own. */
const callerSaved = [2, 3, 4, 5]
const stackSize = 512

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
  let spilled: { interval: Interval; slot: Slot }[] = []
  for (const interval of intervals) {
    active = active.filter(({ interval: other }) => other.end > interval.start)
    spilled = spilled.filter(({ interval: other, slot }) => {
      if (other.end >= interval.start) return true
      frame.give(slot)
      return false
    })
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
      // The victim's whole life moves to the stack, its past included, so its slot must not be
      // one that served another value meanwhile: a fresh one.
      location.set(victim.interval.register, frame.fresh(8))
      location.set(interval.register, victim.register)
      active = active.filter((entry) => entry !== victim)
      active.push({ interval, register: victim.register })
    } else {
      const slot = frame.take()
      location.set(interval.register, slot)
      spilled.push({ interval, slot })
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

function placeSlots(ops: readonly Op[], frame: Frame): void {
  const seen = new Set<Slot>()
  for (const op of ops) {
    eachSlot(op, (slot) => {
      if (seen.has(slot)) return
      seen.add(slot)
      slot.offset = frame.fresh(slot.size).offset
    })
  }
}

class Frame {
  used = 0
  readonly #program: string
  readonly #free: Slot[] = []

  constructor(program: string) {
    this.#program = program
  }

  fresh(size: number): Slot {
    this.used += Math.ceil(size / 8) * 8
    if (this.used > stackSize) {
      throw new EbpfError(
        'EBPF_LANG_STACK',
        `compile program ${this.#program}: its values need more than ${stackSize} bytes of stack; ` +
          'keep large buffers in scratch memory',
      )
    }
    return { size, id: -1, offset: -this.used }
  }

  take(): Slot {
    return this.#free.pop() ?? this.fresh(8)
  }

  give(slot: Slot): void {
    this.#free.push(slot)
  }
}

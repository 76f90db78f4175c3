import { EbpfError } from '../../errors/index.ts'
import { placeIndex } from './flow.ts'
import { eachSlot, type LocalFunction, type Op, type Slot } from './ir.ts'

/**
 * Bytes of stack for a program and the deepest function that it calls: MAX_BPF_STACK in
 * linux/filter.h.
 */
export const stackSize = 512

/** From the first to the last operation that needs a piece of stack. */
interface Span {
  readonly start: number
  readonly end: number
}

interface Piece extends Span {
  /** Distance of its far end from the frame's top. */
  readonly depth: number
  readonly size: number
}

/** A program's stack frame. Pieces that are not needed at the same time share their bytes. */
export class Frame {
  used = 0
  readonly #program: string
  readonly #pieces: Piece[] = []

  constructor(program: string) {
    this.#program = program
  }

  /**
   * Finds `bytes` bytes that nothing else needs during the span, as near to the top as there are.
   * @returns their offset
   */
  place(bytes: number, { start, end }: Span): number {
    const size = Math.ceil(bytes / 8) * 8
    let depth = size
    for (const piece of this.#pieces) {
      if (piece.end < start || piece.start > end) continue
      // In the order of depth, so that the first gap that is wide enough is found.
      if (depth <= piece.depth - piece.size) break
      depth = Math.max(depth, piece.depth + size)
    }
    this.used = Math.max(this.used, depth)
    if (this.used > stackSize) throw stackError(this.#program)
    const after = this.#pieces.findIndex((piece) => piece.depth - piece.size > depth - size)
    const piece = { start, end, depth, size }
    this.#pieces.splice(after < 0 ? this.#pieces.length : after, 0, piece)
    return -depth
  }

  /** A place for a value that found no register. */
  spill(span: Span): Slot {
    return { size: 8, id: -1, offset: this.place(8, span) }
  }
}

/** Bytes of stack of a function, and the functions that it calls. */
export interface FunctionStack {
  readonly bytes: number
  readonly calls: readonly LocalFunction[]
}

/**
 * Checks that a program and its functions fit into the stack together, as check_max_stack_depth in
 * kernel/bpf/verifier.c does, so that a program too large for one kernel fails on every one.
 * @throws EbpfError EBPF_LANG_STACK
 */
export function checkStackDepth(
  program: string,
  own: FunctionStack,
  functions: ReadonlyMap<LocalFunction, FunctionStack>,
): void {
  const depthOf = ({ bytes, calls }: FunctionStack): number => {
    const called = calls.map((each) => depthOf(functions.get(each) as FunctionStack))
    return Math.ceil(Math.max(bytes, 1) / 32) * 32 + Math.max(0, ...called)
  }
  if (own.calls.length > 0 && depthOf(own) > stackSize) throw stackError(program)
}

function stackError(program: string): EbpfError {
  return new EbpfError(
    'EBPF_LANG_STACK',
    `compile program ${program}: its values need more than ${stackSize} bytes of stack; ` +
      'keep large buffers in scratch memory',
  )
}

/** Gives the program's own stack slots their places. */
export function placeSlots(ops: readonly Op[], frame: Frame): void {
  const spans = new Map<Slot, { start: number; end: number }>()
  let i = 0
  const use = (slot: Slot): void => {
    const span = spans.get(slot)
    // Uses of an address are not followed: such a slot keeps its bytes to the end.
    const end = ops[i].op === 'slot-address' ? ops.length : i
    if (span) span.end = Math.max(span.end, end)
    else spans.set(slot, { start: i, end })
  }
  for (; i < ops.length; i++) eachSlot(ops[i], use)
  for (const { start, end } of loops(ops)) {
    for (const span of spans.values()) {
      // A slot that is written before a loop and read in it must last until the loop is over.
      if (span.start < start && span.end >= start) span.end = Math.max(span.end, end)
    }
  }
  for (const [slot, span] of spans) slot.offset = frame.place(slot.size, span)
}

/** Ranges of code that a jump backwards repeats, inner ones first. */
function loops(ops: readonly Op[]): Span[] {
  const places = placeIndex(ops)
  const found: Span[] = []
  ops.forEach((op, end) => {
    if (op.op !== 'jump' && op.op !== 'branch') return
    const start = places.get(op.to) as number
    if (start < end) found.push({ start, end })
  })
  return found
}

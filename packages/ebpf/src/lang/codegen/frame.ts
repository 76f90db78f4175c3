import { EbpfError } from '../../sys/index.ts'
import { placeIndex } from './flow.ts'
import { eachSlot, type Op, type Slot } from './ir.ts'

const stackSize = 512

/** From the first to the last operation that needs a piece of stack. */
interface Span {
  readonly start: number
  readonly end: number
}

interface Region {
  readonly offset: number
  readonly size: number
  readonly taken: Span[]
}

/** A program's stack frame. Pieces that are not needed at the same time share their bytes. */
export class Frame {
  used = 0
  readonly #program: string
  readonly #regions: Region[] = []

  constructor(program: string) {
    this.#program = program
  }

  /** Finds `bytes` bytes that nothing else needs during the span. @returns their offset */
  place(bytes: number, { start, end }: Span): number {
    const size = Math.ceil(bytes / 8) * 8
    const free = this.#regions.find(
      (region) =>
        region.size === size && region.taken.every((span) => span.end < start || span.start > end),
    )
    if (free) {
      free.taken.push({ start, end })
      return free.offset
    }
    this.used += size
    if (this.used > stackSize) {
      throw new EbpfError(
        'EBPF_LANG_STACK',
        `compile program ${this.#program}: its values need more than ${stackSize} bytes of stack; ` +
          'keep large buffers in scratch memory',
      )
    }
    this.#regions.push({ offset: -this.used, size, taken: [{ start, end }] })
    return -this.used
  }

  /** A place for a value that found no register. */
  spill(span: Span): Slot {
    return { size: 8, id: -1, offset: this.place(8, span) }
  }
}

/** Gives the program's own stack slots their places. */
export function placeSlots(ops: readonly Op[], frame: Frame): void {
  const spans = new Map<Slot, { start: number; end: number }>()
  ops.forEach((op, i) => {
    eachSlot(op, (slot) => {
      const span = spans.get(slot)
      // Where an address goes, nobody follows: such a slot keeps its bytes to the end.
      const end = op.op === 'slot-address' ? ops.length : i
      if (span) span.end = Math.max(span.end, end)
      else spans.set(slot, { start: i, end })
    })
  })
  for (const { start, end } of loops(ops)) {
    for (const span of spans.values()) {
      // What was written before a loop and is read in it must last until the loop is over.
      if (span.start < start && span.end >= start) span.end = Math.max(span.end, end)
    }
  }
  for (const [slot, span] of spans) slot.offset = frame.place(slot.size, span)
}

/** Stretches of code that a jump backwards repeats, inner ones first. */
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

import { AsmError } from './error.ts'
import type { Instruction, Item, Label, Place } from './instruction.ts'
import { CALL, Class, GOTO_LONG, Jump, KNOWN_OPCODES, PseudoCall, WIDE_LOAD } from './opcode.ts'

/** Bytes of one slot. */
export const SLOT_SIZE = 8

export interface Assembled {
  /** The code as BPF_PROG_LOAD takes it, little-endian. */
  readonly bytes: Uint8Array
  /** Slot of each item; of a place: the slot of the instruction behind it. */
  readonly instructionOffsets: number[]
  /** Slots, two for a wide load. */
  readonly count: number
}

/**
 * Encodes the items and fills in the distances to labels; time is linear in the items.
 * Errors: EBPF_ASM_UNDEFINED_LABEL, EBPF_ASM_DUPLICATE_LABEL, EBPF_ASM_JUMP_TOO_FAR (more than
 * 16 bits of slots; `jumpLong` goes further), EBPF_ASM_BAD_INSTRUCTION for data that no
 * constructor makes.
 */
export function assemble(items: readonly Item[]): Assembled {
  const { slots, instructionOffsets, count } = layOut(items)
  const bytes = new Uint8Array(count * SLOT_SIZE)
  const view = new DataView(bytes.buffer)
  for (let index = 0; index < items.length; index++) {
    const item = items[index]
    if (!isPlace(item)) encode(view, item, index, instructionOffsets[index], slots)
  }
  return { bytes, instructionOffsets, count }
}

/** Whether an item only marks a place, and is not an instruction. */
export function isPlace(item: Item): item is Place {
  return 'place' in item
}

function layOut(items: readonly Item[]) {
  const slots = new Map<Label, number>()
  const instructionOffsets: number[] = new Array(items.length)
  let slot = 0
  for (let index = 0; index < items.length; index++) {
    const item = items[index]
    instructionOffsets[index] = slot
    if (!isPlace(item)) {
      slot += item.code === WIDE_LOAD ? 2 : 1
    } else if (slots.has(item.place)) {
      throw new AsmError(
        'EBPF_ASM_DUPLICATE_LABEL',
        `place label ${item.place.name} (item ${index}): it has a place already`,
      )
    } else {
      slots.set(item.place, slot)
    }
  }
  return { slots, instructionOffsets, count: slot }
}

function encode(
  view: DataView,
  insn: Instruction,
  index: number,
  slot: number,
  slots: ReadonlyMap<Label, number>,
): void {
  const { code, dst, src } = insn
  let { offset, imm } = insn
  if (KNOWN_OPCODES[code] !== 1 || dst >>> 0 > 10 || src >>> 0 > 10 || !fits(offset, imm)) {
    throw new AsmError(
      'EBPF_ASM_BAD_INSTRUCTION',
      `assemble item ${index}: opcode ${code}, dst ${dst}, src ${src}, off ${offset}, imm ${imm}`,
    )
  }
  if (insn.target !== undefined) {
    const to = slots.get(insn.target)
    if (to === undefined) {
      throw new AsmError(
        'EBPF_ASM_UNDEFINED_LABEL',
        `assemble item ${index}: label ${insn.target.name} has no place`,
      )
    }
    const distance = to - slot - 1
    if (distanceIsImmediate(insn)) {
      imm = distance
    } else if (!fits(distance, 0)) {
      throw new AsmError(
        'EBPF_ASM_JUMP_TOO_FAR',
        `assemble item ${index}: label ${insn.target.name} is ${distance} slots away, which needs over 16 bits`,
      )
    } else {
      offset = distance
    }
  }
  const at = slot * SLOT_SIZE
  view.setUint8(at, code)
  view.setUint8(at + 1, (src << 4) | dst)
  view.setInt16(at + 2, offset, true)
  if (code !== WIDE_LOAD) {
    view.setInt32(at + 4, imm, true)
    return
  }
  if (insn.imm64 === undefined) {
    throw new AsmError(
      'EBPF_ASM_BAD_INSTRUCTION',
      `assemble item ${index}: wide load without imm64`,
    )
  }
  // Labels fill the low half only: the high half of a function load is zero.
  const low = insn.target === undefined ? Number(insn.imm64 & 0xffff_ffffn) : imm
  view.setUint32(at + 4, low, true)
  view.setUint32(at + 12, Number(insn.imm64 >> 32n), true)
}

function fits(offset: number, imm: number): boolean {
  return offset === (offset << 16) >> 16 && imm === (imm | 0)
}

/** Whether the distance to the target is in the 32-bit immediate instead of the offset. */
function distanceIsImmediate({ code, src, target }: Instruction): boolean {
  switch (code) {
    case CALL:
      if (src === PseudoCall.LOCAL) return true
      break
    case GOTO_LONG:
    case WIDE_LOAD:
      return true
    default: {
      const cls = code & 7
      if (cls === Class.JMP || cls === Class.JMP32) {
        if ((code & 0xf0) !== Jump.EXIT) return false
      }
    }
  }
  throw new AsmError(
    'EBPF_ASM_BAD_INSTRUCTION',
    `assemble label ${target?.name}: opcode ${code} does not go anywhere`,
  )
}

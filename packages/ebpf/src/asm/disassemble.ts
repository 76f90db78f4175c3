import { SLOT_SIZE } from './assemble.ts'
import { AsmError } from './error.ts'
import { type Instruction, instruction } from './instruction.ts'
import { KNOWN_OPCODES, WIDE_LOAD } from './opcode.ts'
import { wideLoad } from './wide-load.ts'

/**
 * Decodes code; `assemble` makes the same bytes of the result. Distances stay numbers, there
 * are no labels in code. Fields that an opcode does not use are kept: judging them is the
 * verifier's work. Errors: EBPF_ASM_TRUNCATED, EBPF_ASM_UNKNOWN_OPCODE, EBPF_ASM_BAD_REGISTER,
 * EBPF_ASM_BAD_INSTRUCTION for a bad second slot of a wide load.
 */
export function disassemble(bytes: Uint8Array): Instruction[] {
  if (bytes.length % SLOT_SIZE !== 0) {
    throw new AsmError(
      'EBPF_ASM_TRUNCATED',
      `disassemble ${bytes.length} bytes: an instruction has ${SLOT_SIZE}`,
    )
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const instructions: Instruction[] = []
  for (let at = 0; at < bytes.length; at += SLOT_SIZE) {
    const code = view.getUint8(at)
    const registers = view.getUint8(at + 1)
    const dst = registers & 0xf
    const src = registers >> 4
    const slot = at / SLOT_SIZE
    if (KNOWN_OPCODES[code] !== 1) {
      throw new AsmError(
        'EBPF_ASM_UNKNOWN_OPCODE',
        `disassemble slot ${slot}: opcode 0x${code.toString(16).padStart(2, '0')} is unknown`,
      )
    }
    if (dst > 10 || src > 10) {
      throw new AsmError(
        'EBPF_ASM_BAD_REGISTER',
        `disassemble slot ${slot}: there is no register r${Math.max(dst, src)}`,
      )
    }
    const offset = view.getInt16(at + 2, true)
    const imm = view.getInt32(at + 4, true)
    if (code !== WIDE_LOAD) {
      instructions.push(instruction(code, dst, src, offset, imm))
      continue
    }
    at += SLOT_SIZE
    if (at >= bytes.length) {
      throw new AsmError(
        'EBPF_ASM_TRUNCATED',
        `disassemble slot ${slot}: the second half of the wide load is missing`,
      )
    }
    if (offset !== 0 || view.getInt32(at, true) !== 0) {
      throw new AsmError(
        'EBPF_ASM_BAD_INSTRUCTION',
        `disassemble slot ${slot}: a wide load with fields that must be zero`,
      )
    }
    instructions.push(wideLoad(dst, src, imm, view.getInt32(at + 4, true)))
  }
  return instructions
}

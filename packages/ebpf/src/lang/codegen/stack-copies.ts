import type { Instruction, Register } from '../../asm/index.ts'
import { Class, Jump, Mode } from '../../asm/opcode.ts'

/** Bytes of a value on the stack. */
const valueSize = 8
const framePointer = 10

/**
 * Which registers hold a copy of a value on the stack, so that it is not loaded again. A copy lasts
 * until its register or its place is written, a call destroys the register, or code may come from
 * elsewhere.
 */
export class StackCopies {
  /** Offset of the value by register. */
  readonly #offsets = new Map<number, number>()

  /** A register holds what stands at the offset: it was loaded from there or stored there. */
  add(register: Register, offset: number): void {
    this.#offsets.set(register.number, offset)
  }

  has(register: Register, offset: number): boolean {
    return this.#offsets.get(register.number) === offset
  }

  /** Forgets what an instruction overwrites. */
  follow({ code, dst, src, offset }: Instruction): void {
    switch (code & classMask) {
      case Class.JMP:
      case Class.JMP32:
        if ((code & operationMask) === Jump.CALL) this.clear()
        return
      case Class.STX:
        // The old value comes back in the source register, or in r0.
        if ((code & modeMask) === Mode.ATOMIC) this.#forget(src, 0)
        break
      case Class.ST:
        break
      default:
        return this.#forget(dst)
    }
    if (dst !== framePointer) return
    for (const [register, at] of this.#offsets) {
      if (Math.abs(at - offset) < valueSize) this.#offsets.delete(register)
    }
  }

  /** Code may come from elsewhere: nothing is known. */
  clear(): void {
    this.#offsets.clear()
  }

  #forget(...registers: readonly number[]): void {
    for (const register of registers) this.#offsets.delete(register)
  }
}

/** Parts of an opcode: include/uapi/linux/bpf_common.h. */
const classMask = 0x07
const operationMask = 0xf0
const modeMask = 0xe0

import { processors } from '@tetragon-ts/ebpf/processors'
import type { Action, RegisterAssignment } from '@tetragon-ts/policy'
import { byAddress, byOffset, bySymbol, type OffsetsIn } from './uprobe-locators.ts'
import type { UserFile } from './user-file.ts'

export type OverrideAction = Action<'Override'>

/** A place in a file where a thread continues. */
export interface RedirectTarget {
  /** Identifies it. */
  readonly shown: string
  /** @throws ElfError */
  addressIn(file: UserFile): number | undefined
}

/** What a program does to override a function of user space. */
export interface OverridePlan {
  readonly assignments: readonly RegisterAssignment[]
  /** Where the thread continues, if that is not the content of a register. */
  readonly target?: RedirectTarget
}

const resultRegister = processors === 'arm64' ? 'x0' : 'rax'

/**
 * A function is left by a return instruction of its file, not by taking the return address from the
 * stack: if another program waits for the return, the kernel replaces that address afterwards, and
 * a shadow stack has it too.
 */
const returnInstruction: RedirectTarget = {
  shown: 'a return instruction',
  addressIn: ({ elf }) => elf.findReturn(),
}

/** How an action is carried out. */
export function planOverride(action: OverrideAction): OverridePlan {
  const { error = 0, registers, newSymbol, newAddress, newOffset } = action
  const to = (shown: string, offsetsIn: OffsetsIn): OverridePlan => ({
    assignments: [],
    target: { shown, addressIn: (file) => onlyAddress(file, offsetsIn(file)) },
  })
  if (newSymbol !== undefined) return to(newSymbol, bySymbol(newSymbol))
  if (newAddress !== undefined) return to(hex(newAddress), byAddress(Number(newAddress)))
  if (newOffset !== undefined) return to(`offset ${hex(newOffset)}`, byOffset(Number(newOffset)))
  if (registers.length === 0) {
    const from = { kind: 'constant', value: BigInt(error) } as const
    return { assignments: [{ register: resultRegister, from }], target: returnInstruction }
  }
  const others = withoutReturn(registers)
  if (others.length === registers.length - 2) {
    return { assignments: others, target: returnInstruction }
  }
  return { assignments: registers }
}

/** The assignments without `rip=(%rsp)` and `rsp=8%rsp`. */
function withoutReturn(registers: readonly RegisterAssignment[]): readonly RegisterAssignment[] {
  return registers.filter(({ register, from }) => {
    if (from.kind === 'constant' || !/^r?sp$/.test(from.name)) return true
    if (/^r?ip$/.test(register)) return from.kind !== 'memory' || from.offset !== 0n
    return !/^r?sp$/.test(register) || from.kind !== 'register' || from.offset !== 8n
  })
}

/** Several functions of the same name may be different ones. */
function onlyAddress(
  { elf }: UserFile,
  [offset, ...others]: readonly number[],
): number | undefined {
  return offset === undefined || others.length > 0 ? undefined : elf.addressOf(offset)
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`
}

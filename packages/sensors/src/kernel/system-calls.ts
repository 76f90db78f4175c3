import type { SyscallAbi } from '@tetragon-ts/api'
import { type Code, type Int, kernelStruct, type Ptr } from '@tetragon-ts/ebpf/lang'
import { processors } from '@tetragon-ts/ebpf/processors'
import { currentTask } from './current-task.ts'

// System calls have one parameter: the user space registers (arch/x86/include/asm/ptrace.h,
// arch/arm64/include/asm/ptrace.h).

const x86 = processors !== 'arm64'

/** The native ABI of this machine. */
export const nativeAbi: SyscallAbi = x86 ? 'x64' : 'arm64'
/** The ABI of 32-bit programs on this machine. */
export const compatAbi: SyscallAbi = x86 ? 'i386' : 'arm32'

/** struct pt_regs, with the fields used on either architecture. */
export interface Registers {
  readonly bx: Int
  readonly cx: Int
  readonly dx: Int
  readonly si: Int
  readonly di: Int
  readonly bp: Int
  readonly r8: Int
  readonly r9: Int
  readonly r10: Int
  readonly orig_ax: Int
  readonly x0: Int
  readonly x1: Int
  readonly x2: Int
  readonly x3: Int
  readonly x4: Int
  readonly x5: Int
}
const x = (n: number) => [`user_regs.regs[${n}]`]
export const Registers = kernelStruct<Registers>(
  'pt_regs',
  x86 ? {} : { x0: x(0), x1: x(1), x2: x(2), x3: x(3), x4: x(4), x5: x(5), orig_ax: ['syscallno'] },
)

/** Above the number of calls in any table; the second half is for 32-bit programs on x86. */
export const callsPerTable = 512
/** TS_COMPAT in arch/x86/include/asm/thread_info.h: a system call of the 32-bit table. */
const compatStatus = 2
/** TIF_32BIT in arch/arm64/include/asm/thread_info.h: a 32-bit program. */
const compatFlag = 1 << 22

export type SyscallTracepoint = 'sys_enter' | 'sys_exit'

/** Arguments of both tracepoints: the second one is the number, or the result. */
export type SyscallArguments = readonly [registers: Ptr<Registers>, second: Int]

/** The number of the call that starts or ends. */
export function callNumber(at: SyscallTracepoint, [registers, second]: SyscallArguments): Int {
  return at === 'sys_enter' ? second : registers.orig_ax
}

/** Offset of the current program's table: not 0 for a call of a 32-bit program. */
export function tableOffset(k: Code): Int {
  const { thread_info } = currentTask(k)
  const bit = processors === 'x64' ? compatStatus : compatFlag
  const word = processors === 'x64' ? thread_info.status : thread_info.flags
  const isCompat = word.and(bit)
  return callsPerTable > bit ? isCompat.mul(callsPerTable / bit) : isCompat.div(bit / callsPerTable)
}

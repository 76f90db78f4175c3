import { type Code, type Int, kernelStruct, type Ptr } from '@tetragon-ts/ebpf/lang'
import { processors } from '@tetragon-ts/ebpf/processors'
import { type Shape, u64 } from '@tetragon-ts/ebpf/records'
import type { TaskStruct } from '@tetragon-ts/sensors/kernel/types'
import { asInt, asPointer } from '../hook/hit.ts'
import type { ArgumentType } from './argument-type.ts'

const shape = { value: u64 } as const satisfies Shape

/** Marks system calls of 32-bit programs. */
const bit32 = 31

/** arch/arm64/include/asm/thread_info.h */
const ArmTask = kernelStruct<{ readonly thread_info: { readonly flags: Int } }>('task_struct')
/** _TIF_32BIT of arm64, TS_COMPAT of x86, by their bits. */
const bits = { arm64: 22, x64: 1 } as const

/** Whether the current task is in a system call of the 32-bit table: 1 or 0, in bit 31. */
function compatBit(k: Code, task: Ptr<TaskStruct>): Int {
  const isArm = processors === 'arm64'
  const from = isArm ? bits.arm64 : bits.x64
  const flags = isArm ? asPointer(k, task, ArmTask).thread_info.flags : task.thread_info.status
  return flags.shiftRight(from).and(1).shiftLeft(bit32)
}

const names = processors === 'arm64' ? (['arm64', 'arm32'] as const) : (['x64', 'i386'] as const)

/** Number of a system call, and its table. */
const syscall64Type: ArgumentType<typeof shape> = {
  facets: ['number'],
  expects: { kind: 'number', bits: 64 },
  shape,
  tailMax: 0,
  costly: false,
  lasts: true,
  read({ k, task }, raw) {
    const value = asInt(k, raw).low32().or(compatBit(k, task))
    return { fields: () => ({ value }), integer: { value, signed: false, bits: 64 } }
  },
  json(out, { fields }) {
    const isCompat = fields.valueLow >>> bit32 === 1
    const id = isCompat ? fields.valueLow - 2 ** bit32 : fields.valueLow
    // Protobuf JSON omits numbers that are 0.
    const shown = id === 0 ? '' : `"id":${id},`
    out.latin1(`"syscall_id":{${shown}"abi":"${names[isCompat ? 1 : 0]}"}`)
  },
}

export const syscallTypes = { syscall64: syscall64Type }

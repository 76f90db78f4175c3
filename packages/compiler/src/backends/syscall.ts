import { syscallNumber } from '@tetragon-ts/api'
import type { Code, Int, Ptr } from '@tetragon-ts/ebpf/lang'
import { currentTask } from '@tetragon-ts/sensors/kernel/current-task'
import {
  callNumber,
  compatAbi,
  nativeAbi,
  type Registers,
  type SyscallTracepoint,
  tableOffset,
} from '@tetragon-ts/sensors/kernel/system-calls'
import type { Hit, Raw } from '../hook/hit.ts'
import { byKernel, byPolicy } from '../hook/refusal.ts'
import { savedRegister } from '../hook/registers.ts'
import type { Backend } from '../hook-plans/backend.ts'
import { type Placement, positions } from '../hook-plans/hook-plan.ts'
import type { SyscallTarget } from '../hook-plans/hook-target.ts'
import { syscallHook, syscallSlot } from './syscall-hook.ts'
import {
  isRereadable,
  keepsRegisters,
  syscallParameter,
  syscallParameters,
} from './syscall-registers.ts'

/** System calls through their tracepoints, which every kernel supports. */
export const syscallBackend: Backend = {
  name: 'syscall',
  plan({ functions, syscall, returns }, kernel) {
    const unfit = functions.find(({ syscall: call }) => !call)
    if (unfit) return byPolicy('only for system calls')
    const refused = kernel.refuses('tp_btf')
    if (refused) return refused
    const hidden = (['sys_enter', 'sys_exit'] as const).find(
      (name) => !kernel.btf.tracepointPrototype(name),
    )
    if (hidden) return byKernel(`no tracepoint ${hidden} in the kernel's types`)
    const calls = functions.map(({ syscall: call }) => call as SyscallTarget)
    const absent = calls.findIndex(({ number }) => number === undefined)
    if (absent >= 0)
      return byKernel(`the number of the system call ${functions[absent].shown} is unknown`)
    const { abi } = calls[0]
    const slots = calls.map(({ number }) => syscallSlot(number as number, isCompat(abi)))
    const functionNames: string[] = []
    slots.forEach((slot, i) => {
      functionNames[slot] = functions[i].shown
    })
    const enter: Placement = {
      hook: syscallHook('sys_enter', slots),
      hit: (k, args) => ({ ...hitOf(k, args, 'sys_enter') }),
    }
    const leave: Placement = {
      hook: syscallHook('sys_exit', exitSlots(slots)),
      hit: (k, args) => ({ ...hitOf(k, args, 'sys_exit'), result: args[1] as Int }),
    }
    const hitOf = (k: Code, args: readonly unknown[], at: SyscallTracepoint): Hit => ({
      k,
      task: currentTask(k),
      outsideExec: true,
      functionIndex:
        slots.length === 1
          ? slots[0]
          : callNumber(at, args as [Ptr<Registers>, Int]).add(tableOffset(k)),
      register: (name) => savedRegister(k, args[0] as Raw, name),
      parameter: (index) =>
        syscall
          ? syscallParameter(k, args[0] as Raw, index, abi)
          : index === 0
            ? (args[0] as Ptr<Registers>)
            : undefined,
    })
    return {
      backend: 'syscall',
      why: 'one dispatcher at the system call tracepoints',
      enter: [enter],
      leave: returns ? [leave] : [],
      late: functions.every(isRereadable) ? [leave] : [],
      parametersAtReturn: functions.every(keepsRegisters),
      parameters: positions(syscall ? syscallParameters : 1),
      registers: syscall,
      functionNames,
    }
  },
}

/** Whether the calls are those of 32-bit programs. */
function isCompat(abi: string): boolean {
  return abi === compatAbi
}

/**
 * The slots of calls at their return. A program that was executed returns from the `execve` of its
 * own table, whichever call started it: set_personality_64bit and set_personality_ia32 in
 * arch/x86/kernel/process_64.c.
 */
function exitSlots(slots: readonly number[]): readonly number[] {
  const slotsOf = (names: readonly string[]): number[] =>
    [nativeAbi, compatAbi].flatMap((abi) =>
      names.flatMap((name) => {
        const number = syscallNumber(abi, name)
        return number === undefined ? [] : [syscallSlot(number, isCompat(abi))]
      }),
    )
  const executing = slotsOf(['execve', 'execveat'])
  if (!slots.some((slot) => executing.includes(slot))) return slots
  return [...new Set([...slots, ...slotsOf(['execve'])])]
}

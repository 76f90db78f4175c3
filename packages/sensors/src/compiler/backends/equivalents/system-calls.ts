import { type SyscallAbi, syscallNumber } from '@tetragon-ts/api'
import type { Code, Int, Ptr } from '@tetragon-ts/ebpf/lang'
import { asInt, type Hit, type Raw } from '../../hit.ts'
import type { KernelView, Placement } from '../backend.ts'
import { currentTask } from '../current-task.ts'
import {
  callNumber,
  type SyscallTracepoint,
  syscallHook,
  syscallSlot,
  tableOffset,
} from '../syscall-dispatcher.ts'
import { compatAbi, nativeAbi, type Registers, syscallParameter } from '../syscall-registers.ts'

/** System calls by name, of the programs of each ABI. */
export type CallNames = Readonly<Partial<Record<SyscallAbi, readonly string[]>>>

/** Calls of these names, whichever programs make them. */
export function ofAllPrograms(names: readonly string[]): CallNames {
  return { [nativeAbi]: names, [compatAbi]: names }
}

/** A system call as an equivalent sees it. */
export interface SystemCall {
  readonly k: Code
  readonly task: Hit['task']
  /** At the end of the call what it returns. */
  readonly result: Int
  /** What user space gave at this position. */
  argument(position: number): Int
  /** 1 if it is one of these, else 0. */
  isOneOf(names: readonly string[]): Int
}

/** What an equivalent makes of a call: the function's parameters by position; exits to say no. */
export type SeenParameters = (call: SystemCall) => (index: number) => Raw | undefined

/** A program at the beginning or end of system calls. Calls that a kernel lacks are left out. */
export function systemCalls(
  at: SyscallTracepoint,
  names: CallNames,
  kernel: KernelView,
  see: SeenParameters,
): Placement {
  const abis = [nativeAbi, compatAbi].filter((abi) => names[abi] !== undefined)
  const slots = abis.flatMap((abi) => slotsOf(names[abi] ?? [], abi))
  return {
    hook: syscallHook(at, slots, kernel.dispatchers),
    hit: (k, args) => hitOf(k, args as [Ptr<Registers>, Int], at, abis, see),
  }
}

function slotsOf(names: readonly string[], abi: SyscallAbi): readonly number[] {
  return names.flatMap((name) => {
    const number = syscallNumber(abi, name)
    return number === undefined ? [] : [syscallSlot(number, abi === compatAbi)]
  })
}

function hitOf(
  k: Code,
  args: readonly [registers: Ptr<Registers>, second: Int],
  at: SyscallTracepoint,
  abis: readonly SyscallAbi[],
  see: SeenParameters,
): Hit {
  const [registers, result] = args
  const task = currentTask(k)
  // What of this is not used does not come into the program.
  const offset = tableOffset(k)
  const slot = callNumber(at, args).add(offset)
  const from = (abi: SyscallAbi, position: number): Int =>
    asInt(k, syscallParameter(k, registers, position, abi) as Raw)
  const argument = (position: number): Int => {
    const value = k.variable(from(abis[0], position))
    if (abis.length > 1) k.when(offset, () => value.set(from(abis[1], position)))
    return value
  }
  const isOneOf = (names: readonly string[]): Int => {
    const found = k.variable(0)
    for (const one of abis.flatMap((abi) => slotsOf(names, abi))) {
      k.when(slot.eq(one), () => found.set(1))
    }
    return found
  }
  const parameter = see({ k, task, result, argument, isOneOf })
  return { k, task, outsideExec: true, functionIndex: 0, parameter }
}

/** Ends the program for calls that failed. */
export function exitIfFailed({ k, result }: SystemCall): void {
  k.when(result.signedLt(0), k.exit)
}

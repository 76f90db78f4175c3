import { type SyscallAbi, syscallNumber } from '@tetragon-ts/api'
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
import { asInt, type Hit, type Raw } from '../../hook/hit.ts'
import type { Placement } from '../../hook-plans/hook-plan.ts'
import { syscallHook, syscallSlot } from '../syscall-hook.ts'
import { syscallParameter } from '../syscall-registers.ts'

/** System calls by name, for each ABI. */
export type CallNames = Readonly<Partial<Record<SyscallAbi, readonly string[]>>>

/** Calls with these names, of all ABIs. */
export function ofAllPrograms(names: readonly string[]): CallNames {
  return { [nativeAbi]: names, [compatAbi]: names }
}

/** A system call as an equivalent sees it. */
export interface SystemCall {
  readonly k: Code
  readonly task: Hit['task']
  /** The return value, at the end of the call. */
  readonly result: Int
  /** The argument at this position. */
  argument(position: number): Int
  /** 1 if it is one of these, else 0. */
  isOneOf(names: readonly string[]): Int
}

/** Maps a call to the function's parameters by position; exits if it does not correspond. */
export type SeenParameters = (call: SystemCall) => (index: number) => Raw | undefined

/** A program at the start or end of system calls. Calls that a kernel lacks are omitted. */
export function systemCalls(
  at: SyscallTracepoint,
  names: CallNames,
  see: SeenParameters,
): Placement {
  const abis = [nativeAbi, compatAbi].filter((abi) => names[abi] !== undefined)
  const slots = abis.flatMap((abi) => slotsOf(names[abi] ?? [], abi))
  return {
    hook: syscallHook(at, slots),
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
  // Unused parts are not in the program.
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

/** Ends the program for failed calls. */
export function exitIfFailed({ k, result }: SystemCall): void {
  k.when(result.signedLt(0), k.exit)
}

import {
  type Code,
  type Hook,
  kprobe,
  kprobeMulti,
  kretprobe,
  kretprobeMulti,
} from '@tetragon-ts/ebpf/lang'
import { processors } from '@tetragon-ts/ebpf/processors'
import { currentTask } from '@tetragon-ts/sensors/kernel/current-task'
import type { Hit, Raw } from '../hook/hit.ts'
import { byKernel, byPolicy, type Refusal } from '../hook/refusal.ts'
import { contextRegister, savedRegister } from '../hook/registers.ts'
import type { Backend } from '../hook-plans/backend.ts'
import { type HookPlan, type Placement, positions } from '../hook-plans/hook-plan.ts'
import { type HookTarget, isFunction, namesOf } from '../hook-plans/hook-target.ts'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import { isRereadable, syscallParameter, syscallParameters } from './syscall-registers.ts'

const parametersInRegisters = processors === 'arm64' ? 8 : 6

/** Breakpoints: any function with a symbol; one program per function. */
export const kprobeBackend: Backend = {
  name: 'kprobe',
  plan(target, kernel) {
    const refused = refusal(target, kernel, 'kprobe')
    if (refused) return refused
    const { functions } = target
    const distance = () => kernel.returnDistance('kprobe')
    return plan(target, {
      backend: 'kprobe',
      why: 'a breakpoint works wherever the function has a symbol',
      enter: functions.map(({ symbol }, i) => enter(target, kprobe(symbol), () => i, distance)),
      leave: functions.map(({ symbol }, i) => leave(kretprobe(symbol), () => i, distance)),
    })
  },
}

/** Breakpoints through ftrace: one program for all functions, thousands are attached at once. */
export const kprobeMultiBackend: Backend = {
  name: 'kprobe.multi',
  plan(target, kernel) {
    if (target.single) return byPolicy('the policy forbids it (option disable-kprobe-multi)')
    const refused = refusal(target, kernel, 'kprobe_multi')
    if (refused) return refused
    const { functions } = target
    const symbols = functions.map(({ symbol }) => symbol) as [string, ...string[]]
    const distance = () => kernel.returnDistance('kprobe_multi')
    const alone = symbols.length === 1
    const cookies = alone ? [] : symbols.map((_, i) => BigInt(i))
    const index = (k: Code) => (alone ? 0 : k.call('get_attach_cookie', k.context))
    return plan(target, {
      backend: 'kprobe.multi',
      why: alone ? 'cheaper than a breakpoint' : 'one program for all functions',
      enter: [enter(target, kprobeMulti(symbols, { cookies }), index, distance)],
      leave: [leave(kretprobeMulti(symbols, { cookies }), index, distance)],
    })
  },
}

function refusal(
  target: HookTarget,
  kernel: KernelView,
  kind: 'kprobe' | 'kprobe_multi',
): Refusal | undefined {
  if (!isFunction(target)) return byPolicy('only for functions')
  const refused = kernel.refuses(kind)
  if (refused) return refused
  const unknown = target.functions.find(({ symbol }) => !kernel.hasSymbol(symbol))
  return unknown && byKernel(`no function ${unknown.symbol}`)
}

function plan(
  target: HookTarget,
  chosen: Pick<HookPlan, 'backend' | 'why' | 'enter' | 'leave'>,
): HookPlan {
  return {
    ...chosen,
    leave: target.returns ? chosen.leave : [],
    late: target.functions.every(isRereadable) ? chosen.leave : [],
    limitedReturns: true,
    parameters: positions(target.syscall ? syscallParameters : parametersInRegisters),
    registers: true,
    functionNames: namesOf(target),
  }
}

type FunctionIndex = (k: Code) => Hit['functionIndex']
/** Converts the stack pointer at the entry to the one at the return: measured on first use. */
type Distance = () => number | undefined

function enter(
  { functions, syscall }: HookTarget,
  hook: Hook,
  index: FunctionIndex,
  distance: Distance,
): Placement {
  const call = syscall ? functions[0].syscall : undefined
  return {
    hook,
    hit: (k, args) => ({
      k,
      task: currentTask(k),
      functionIndex: index(k),
      get frame() {
        const bytes = distance()
        return bytes === undefined ? undefined : contextRegister(k, 'sp')?.add(bytes)
      },
      register: (name) =>
        call ? savedRegister(k, args[0] as Raw, name) : contextRegister(k, name),
      parameter: (at) =>
        call
          ? syscallParameter(k, args[0] as Raw, at, call.abi)
          : at < parametersInRegisters
            ? (args[at] as Raw)
            : undefined,
    }),
  }
}

function leave(hook: Hook, index: FunctionIndex, distance: Distance): Placement {
  return {
    hook,
    hit: (k, args) => ({
      k,
      task: currentTask(k),
      functionIndex: index(k),
      frame: distance() === undefined ? undefined : contextRegister(k, 'sp'),
      result: args[0] as Raw,
      parameter: () => undefined,
    }),
  }
}

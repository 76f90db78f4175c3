import type { Btf, Prototype } from '@tetragon-ts/ebpf/btf'
import { type Code, fentry, fexit } from '@tetragon-ts/ebpf/lang'
import { currentTask } from '@tetragon-ts/sensors/kernel/current-task'
import type { Hit, Raw } from '../hook/hit.ts'
import { byKernel, byPolicy } from '../hook/refusal.ts'
import { savedRegister } from '../hook/registers.ts'
import type { Backend } from '../hook-plans/backend.ts'
import { type Placement, positions } from '../hook-plans/hook-plan.ts'
import { isFunction, namesOf, type TargetFunction } from '../hook-plans/hook-target.ts'
import {
  isRereadable,
  keepsRegisters,
  syscallParameter,
  syscallParameters,
} from './syscall-registers.ts'

/**
 * Trampolines: typed arguments, lowest cost; arguments are still available at the return. One
 * program per function.
 */
export const fentryBackend: Backend = {
  name: 'fentry',
  plan(target, kernel) {
    const { functions, syscall, returns } = target
    if (!isFunction(target)) return byPolicy('only for functions')
    const refused = kernel.refuses('fentry')
    if (refused) return refused
    const prototypes = functions.map(({ symbol }) => kernel.btf.prototype(symbol))
    const unknown = prototypes.indexOf(undefined)
    if (unknown >= 0)
      return byKernel(`no function ${functions[unknown].symbol} in the kernel's types`)
    const variadic = prototypes.findIndex((each) => each?.variadic)
    if (variadic >= 0) return byKernel(`${functions[variadic].symbol} is variadic`)
    const opaque = syscall ? prototypes.findIndex((each) => isOpaque(kernel.btf, each)) : -1
    if (opaque >= 0)
      return byKernel(`the kernel does not describe the parameters of ${functions[opaque].symbol}`)
    const counts = prototypes.map((each) => each?.params.length ?? 0)
    const isVoid = prototypes.map((each) => each?.returnTypeId === 0)
    const least = Math.min(...counts)
    // A system call without parameters may be declared without the registers too.
    const hasRegisters = syscall && least > 0

    const place = ({ symbol, syscall: call }: TargetFunction, index: number, atReturn: boolean) => {
      const count = counts[index]
      const hit = (k: Code, args: readonly unknown[]): Hit => ({
        k,
        task: currentTask(k),
        result: !atReturn ? undefined : isVoid[index] ? k.constant(0) : (args[count] as Raw),
        functionIndex: index,
        // Arguments are in the trampoline's frame, the same at entry and return of a call. Before
        // 5.11 the verifier does not accept a pointer as a key.
        frame: k.target.currentTaskBtf ? k.context : undefined,
        register: (name) => (syscall ? savedRegister(k, args[0] as Raw, name) : undefined),
        parameter: (at) =>
          syscall && call
            ? syscallParameter(k, args[0] as Raw, at, call.abi)
            : at < count
              ? (args[at] as Raw)
              : undefined,
      })
      return { hook: atReturn ? fexit(symbol) : fentry(symbol), hit } satisfies Placement
    }
    return {
      backend: 'fentry',
      why: 'typed arguments and the lowest cost per hit',
      enter: functions.map((each, i) => place(each, i, false)),
      leave: returns ? functions.map((each, i) => place(each, i, true)) : [],
      late: functions.every(isRereadable) ? functions.map((each, i) => place(each, i, true)) : [],
      parametersAtReturn: !syscall || functions.every(keepsRegisters),
      parameters: positions(hasRegisters ? syscallParameters : syscall ? 0 : least),
      registers: hasRegisters,
      functionNames: namesOf(target),
    }
  },
}

/** Whether the first parameter points to an incomplete type: the verifier refuses it. */
function isOpaque(btf: Btf, prototype: Prototype | undefined): boolean {
  const first = prototype?.params[0]
  const pointer = first && btf.type(btf.resolve(first.typeId))
  return pointer?.kind === 'ptr' && btf.kind(btf.resolve(pointer.typeId)) === 'fwd'
}

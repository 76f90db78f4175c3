import type { Btf } from '@tetragon-ts/ebpf/btf'
import { type Code, type Hook as KernelHook, program } from '@tetragon-ts/ebpf/lang'
import type { Argument } from '@tetragon-ts/policy'
import { TaskStruct } from '../../kernel/types.ts'
import type { ArgumentValue } from '../arguments/argument-type.ts'
import { argumentType } from '../arguments/index.ts'
import type { Hit } from '../hit.ts'
import type { HookContext } from '../hook-context.ts'

/** A hook of no kernel: its programs are built to see what comes out. */
const nowhere: KernelHook<[]> = {
  kind: 'none',
  target: 'nowhere',
  resolve: () => ({ programType: 0 }),
  arguments: () => [],
  attach() {
    throw new Error('a program for nowhere')
  },
}

/** What operators will see of an argument: it is read in a program that is thrown away. */
export function readForNothing(argument: Argument, btf: Btf): ArgumentValue | undefined {
  let value: ArgumentValue | undefined
  const build = program('facets', nowhere, (k) => {
    const context = { ...contextOf(k) } as HookContext
    value = argumentType(argument.type).read(hitOf(k), k.constant(0), argument, context)
  })
  build.build({ btf, bpfLoop: true }, false)
  return value
}

function hitOf(k: Code): Hit {
  const nothing = () => k.constant(0)
  return {
    k,
    task: k.currentTask(TaskStruct),
    parameter: nothing,
    register: nothing,
    result: k.constant(0),
    functionIndex: 0,
  }
}

function contextOf(k: Code): Partial<HookContext> {
  return {
    ...{ k, policyId: 0, hookId: 0, followsFiles: false, tracksSocks: false },
    scratch: () => k.stackBytes(8),
    map: (spec) => spec,
    countLoss() {},
    at: (_, body) => body(),
  }
}

import type { UsdtArgument } from '@tetragon-ts/ebpf/elf'
import { type Code, uprobe } from '@tetragon-ts/ebpf/lang'
import { usdtArgumentsMax } from '@tetragon-ts/policy'
import { currentTask } from '@tetragon-ts/sensors/kernel/current-task'
import type { Hit } from '../hook/hit.ts'
import { byPolicy, type Refusal } from '../hook/refusal.ts'
import { contextRegister } from '../hook/registers.ts'
import type { Backend } from '../hook-plans/backend.ts'
import { type HookPlan, positions } from '../hook-plans/hook-plan.ts'
import { type HookTarget, namesOf } from '../hook-plans/hook-target.ts'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import { operandAddress, readOperands, userProbes } from '../user-probes/index.ts'

/** A program for each layout of arguments, with one link for all of its places in a file. */
const usdtMultiBackend: Backend = {
  name: 'uprobe.multi',
  alone: true,
  plan(target, kernel) {
    if (target.single) return byPolicy('the policy forbids it (option disable-uprobe-multi)')
    const refused = kernel.refuses('uprobe_multi')
    if (refused) return refused
    return plan(target, kernel, { backend: 'uprobe.multi', multi: true })
  },
}

/** A program for each layout of arguments, and a perf event for each of its places. */
const usdtBackend: Backend = {
  name: 'uprobe',
  alone: true,
  plan(target, kernel) {
    const refused = kernel.refuses('uprobe')
    if (refused) return refused
    return plan(target, kernel, { backend: 'uprobe' })
  },
}

/** Attach methods for static probes. */
export const usdtBackends: readonly Backend[] = [usdtMultiBackend, usdtBackend]

interface Way {
  readonly backend: string
  readonly multi?: boolean
}

function plan(
  target: HookTarget,
  kernel: KernelView,
  { backend, multi = false }: Way,
): HookPlan | Refusal {
  const { functions, user, readsUserMemory } = target
  const [{ probe }] = functions
  if (!user || !probe) return byPolicy('only for usdts')
  const { layout, locator } = probe
  const common = {
    backend,
    leave: [],
    registers: true,
    parameters: positions(usdtArgumentsMax),
    writes: kernel.refuses('probe_write_user') ?? (true as const),
    functionNames: namesOf(target),
    functions,
    probes: userProbes(user, [locator], false),
  }
  // The policy is compiled again when there is a file.
  if (!layout) return { ...common, why: 'no program without a file', enter: [] }
  const { operands } = layout
  // Only with uprobe.multi, as for functions.
  const sleepable = multi && (readsUserMemory || [...operands.values()].some(mayBeAbsent))
  const enter = {
    hook: uprobe({ multi, sleepable }),
    hit: (k: Code): Hit => {
      const start = {
        k,
        task: currentTask(k),
        functionIndex: 0,
        inUserSpace: true,
        faultsIn: sleepable,
        parameter: () => undefined,
      }
      const values = readOperands(start, operands)
      return {
        ...start,
        register: (name) => contextRegister(k, name),
        parameter: (index) => values.get(index)?.value(),
        failed: (index) => values.get(index)?.failed,
        addressOf: (index) => operandAddress(k, operands.get(index)),
      }
    },
  }
  return { ...common, why: 'a program for each layout of arguments', enter: [enter] }
}

/** Whether an argument may be in memory that is not resident, other than the stack. */
function mayBeAbsent(operand: UsdtArgument): boolean {
  return operand.kind === 'memory' && !['rsp', 'sp'].includes(operand.register)
}

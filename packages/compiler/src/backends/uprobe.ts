import { type Code, type Int, uprobe, uretprobe } from '@tetragon-ts/ebpf/lang'
import { processors } from '@tetragon-ts/ebpf/processors'
import { currentTask } from '@tetragon-ts/sensors/kernel/current-task'
import type { Hit, Raw } from '../hook/hit.ts'
import { byPolicy, type Refusal } from '../hook/refusal.ts'
import { contextRegister, parameterRegisters } from '../hook/registers.ts'
import type { Backend } from '../hook-plans/backend.ts'
import { type HookPlan, positions } from '../hook-plans/hook-plan.ts'
import { type HookTarget, namesOf } from '../hook-plans/hook-target.ts'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import {
  cookieParts,
  type Locator,
  type OverrideAction,
  Redirects,
  userProbes,
} from '../user-probes/index.ts'
import { ParameterWriter } from '../user-probes/parameter-writer.ts'
import { Redirection } from '../user-probes/redirection.ts'

const parametersInRegisters = parameterRegisters.length
/** The return address that a call pushes and a return removes. */
const returnAddressSize = processors === 'arm64' ? 0 : 8

/** One program, and one link for all places of a file. */
const uprobeMultiBackend: Backend = {
  name: 'uprobe.multi',
  plan(target, kernel) {
    if (target.section !== 'uprobes') return byPolicy('only for uprobes')
    if (target.single) return byPolicy('the policy forbids it (option disable-uprobe-multi)')
    const refused = kernel.refuses('uprobe_multi') ?? cannotSetRegisters(target, kernel)
    if (refused) return refused
    const why = 'one program for all functions'
    return plan(target, { backend: 'uprobe.multi', why, multi: true })
  },
}

/** One program, and a perf event for each place. */
const uprobeBackend: Backend = {
  name: 'uprobe',
  plan(target, kernel) {
    if (target.section !== 'uprobes') return byPolicy('only for uprobes')
    const refused =
      kernel.refuses('uprobe') ??
      kernel.refuses('uprobe_cookie') ??
      cannotSetRegisters(target, kernel)
    if (refused) return refused
    return plan(target, { backend: 'uprobe', why: 'a breakpoint for each place' })
  },
}

/** A program for each function, on kernels where one program cannot distinguish them. */
const singleUprobeBackend: Backend = {
  name: 'single uprobes',
  alone: true,
  plan(target, kernel) {
    if (target.section !== 'uprobes') return byPolicy('only for uprobes')
    const refused = kernel.refuses('uprobe') ?? cannotSetRegisters(target, kernel)
    if (refused) return refused
    return plan(target, { backend: 'single uprobes', why: 'a program for each function' })
  },
}

/** Attach methods for functions of user space. */
export const uprobeBackends: readonly Backend[] = [
  ...[uprobeMultiBackend, uprobeBackend, singleUprobeBackend],
]

/** Why programs cannot carry out the actions Override and Set of a hook; undefined if they can. */
function cannotSetRegisters(target: HookTarget, kernel: KernelView): Refusal | undefined {
  const overrides = overridesOf(target).length > 0
  if (!overrides && setParameters(target).length === 0) return undefined
  if (!overrides) return kernel.refuses('uprobe_registers')
  if (target.method !== undefined) return byPolicy(`the policy requires ${target.method}`)
  return kernel.refuses('uprobe_registers')
}

function overridesOf({ enforces }: HookTarget): readonly OverrideAction[] {
  return enforces.flatMap((action) => (action.action === 'Override' ? [action] : []))
}

/** The parameters that actions set. */
function setParameters({ enforces }: HookTarget): readonly number[] {
  return enforces.flatMap((action) => (action.action === 'Set' ? [action.index] : []))
}

interface Way {
  readonly backend: string
  readonly why: string
  readonly multi?: boolean
}

function plan(target: HookTarget, { backend, why, multi = false }: Way): HookPlan | Refusal {
  const { functions, user, returns } = target
  if (!user) return byPolicy('only for user space')
  // Before Linux 6.10, uprobe_dispatcher of trace_uprobe.c holds a mutex of the CPU while a program
  // of a perf event runs: one that waits would block those of other processes.
  const sleepable = multi && target.readsUserMemory
  const options = { multi, sleepable }
  const locators = functions.flatMap(({ probe }): readonly Locator[] =>
    probe ? [probe.locator] : [],
  )
  const isAtStart = locators.every(({ atStart }) => atStart)
  const overrides = overridesOf(target)
  const redirects = overrides.length > 0 ? new Redirects(overrides) : undefined
  const sets = setParameters(target)
  const index = (k: Code) => {
    if (functions.length === 1) return 0
    const cookie = k.call('get_attach_cookie', k.context)
    return redirects ? cookie.and(cookieParts.functionIndex.mask) : cookie
  }
  const common = (k: Code) => ({
    k,
    task: currentTask(k),
    inUserSpace: true,
    faultsIn: sleepable,
    functionIndex: index(k),
  })
  const enter = {
    hook: uprobe(options),
    hit: (k: Code, args: readonly unknown[]): Hit => ({
      ...common(k),
      ...(redirects ? { redirect: new Redirection(k, redirects).choose } : {}),
      ...(sets.length > 0 ? { setParameter: new ParameterWriter(k, sets).set } : {}),
      get frame() {
        return contextRegister(k, 'sp')?.add(returnAddressSize)
      },
      ...(isAtStart ? { returnAddress: () => returnAddress(k) } : {}),
      register: (name) => contextRegister(k, name),
      parameter: (at) => (at < parametersInRegisters ? (args[at] as Raw) : undefined),
    }),
  }
  const leave = {
    hook: uretprobe(options),
    hit: (k: Code, args: readonly unknown[]): Hit => ({
      ...common(k),
      get frame(): Int | undefined {
        return contextRegister(k, 'sp')
      },
      result: args[0] as Raw,
      parameter: () => undefined,
    }),
  }
  return {
    backend,
    why,
    enter: [enter],
    leave: returns ? [leave] : [],
    parameters: positions(parametersInRegisters),
    registers: true,
    functionNames: namesOf(target),
    functions,
    redirects,
    ...(redirects || sets.length > 0 ? { plannedFor: 'registers' } : {}),
    ...(sets.length > 0 ? { setsParameters: true } : {}),
    probes: userProbes(user, locators, returns),
  }
}

/** 32-bit programs have their stack below, and shorter addresses on it. */
const end32 = 2 ** 32

function returnAddress(k: Code): Int {
  const inRegister = contextRegister(k, 'x30')
  if (inRegister) return inRegister
  const address = k.stackBytes(8)
  address.store(8, 0, 0)
  const pointer = contextRegister(k, 'sp')
  if (pointer) k.when(pointer.ge(end32), () => k.readUser(address, 8, pointer))
  return address.load(8)
}

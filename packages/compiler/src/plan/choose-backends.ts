import type { Hook } from '@tetragon-ts/policy'
import { meansFor } from '../actions/enforce.ts'
import { enforcementOf } from '../actions/index.ts'
import { kprobeMultiBackend } from '../backends/kprobe.ts'
import { neverReturns } from '../backends/never-returns.ts'
import { syscallBackend } from '../backends/syscall.ts'
import { byArguments, isRefusal, type Refusal } from '../hook/refusal.ts'
import type { Backend } from '../hook-plans/backend.ts'
import type { HookPlan } from '../hook-plans/hook-plan.ts'
import type { HookTarget, TargetFunction } from '../hook-plans/hook-target.ts'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import type { Means } from '../means/means.ts'
import { sectionOf } from '../sections/index.ts'

// Probes show whether a kernel has a mechanism at all, but whether it accepts a function shows only
// when the program is loaded or attached. Then that back end is ruled out and the whole policy is
// compiled again, until it is loaded or no back end is left. Versions and config files of kernels
// are not asked: distributions backport and disable features.

/** Above this number of functions, one program for all of them is better than typed arguments. */
const typedFunctionsMax = 8

/** A back end that was not used. */
export interface Attempt extends Refusal {
  readonly backend: string
}

/** Refusals found when programs were loaded or attached, by back end and function. */
export class RuledOut {
  readonly #refusals = new Map<string, Refusal>()

  /** Rules out a back end. @returns whether that is new */
  add(backend: string, path: string, symbol: string, refusal: Refusal): boolean {
    const key = `${backend} ${path} ${symbol}`
    const isNew = !this.#refusals.has(key)
    this.#refusals.set(key, refusal)
    return isNew
  }

  refusal(backend: string, path: string, symbol: string): Refusal | undefined {
    return this.#refusals.get(`${backend} ${path} ${symbol}`)
  }
}

/** Functions of a hook with the same plan. */
export interface Chosen {
  readonly functions: readonly TargetFunction[]
  /** Undefined: no back end can attach to them. */
  readonly plan: HookPlan | undefined
  /** Back ends that were tried before. */
  readonly attempts: readonly Attempt[]
}

/** A parameter that a hook reads. */
export interface ParameterRead {
  readonly index: number
  /** The member that it follows first, if any. */
  readonly member?: string | undefined
}

/** Requirements of a hook besides its target. */
export interface HookInputs {
  /** Its path in the policy. */
  readonly path: string
  readonly reads: readonly ParameterRead[]
  /** It reads registers by name. */
  readonly registers: boolean
}

/** What a hook requires of its back ends besides its target. */
export function hookInputs({ path, args, data }: Hook): HookInputs {
  const parameters = [...args, ...data].filter(({ source }) => source === undefined)
  return {
    path,
    reads: parameters.flatMap(({ index, sizeIndex, resolve: [member] }) => {
      const value = { index, member: member === undefined ? undefined : String(member) }
      return sizeIndex === undefined ? [value] : [value, { index: sizeIndex }]
    }),
    registers: data.some(({ source }) => source === 'pt_regs'),
  }
}

/** The best back end for each function of a hook; functions with the same back end are grouped. */
export function chooseBackends(
  target: HookTarget,
  inputs: HookInputs,
  kernel: KernelView,
  ruledOut: RuledOut,
): readonly Chosen[] {
  const chosen: Chosen[] = []
  let rest = target.functions.map((each) => ({ each, attempts: [] as Attempt[] }))
  for (const backend of inOrder(target)) {
    const left: typeof rest = []
    const taken = new Map<string, typeof rest>()
    for (const item of rest) {
      const { each, attempts } = item
      const refused =
        ruledOut.refusal(backend.name, inputs.path, each.symbol) ??
        refusal(backend, targetFor(target, [each]), inputs, kernel)
      if (refused === undefined) {
        const group = backend.alone
          ? each.symbol
          : `${each.syscall?.abi ?? ''} ${target.returns && !neverReturns(each)}`
        taken.set(group, [...(taken.get(group) ?? []), item])
      } else {
        attempts.push({ backend: backend.name, ...refused })
        left.push(item)
      }
    }
    for (const group of taken.values()) {
      const functions = group.map(({ each }) => each)
      const plan = backend.plan(targetFor(target, functions), kernel)
      if (isRefusal(plan)) throw new Error(`plan ${backend.name}: ${plan.reason}`)
      chosen.push({ functions, plan, attempts: group[0].attempts })
    }
    rest = left
  }
  for (const { each, attempts } of rest) {
    chosen.push({ functions: [each], plan: undefined, attempts })
  }
  return chosen
}

/** One program for all functions. */
const shared: readonly Backend[] = [kprobeMultiBackend, syscallBackend]

function inOrder(target: HookTarget): readonly Backend[] {
  const { backends, enforcingBackends = backends, memory } = sectionOf(target)
  // Programs at functions of user space act themselves.
  if (memory === 'user') return backends
  const deciders = target.enforces.flatMap((action) => {
    const means: readonly Pick<Means, 'backend'>[] = Object.values(
      enforcementOf(action)?.means ?? {},
    )
    return means.flatMap(({ backend }) => backend ?? [])
  })
  if (deciders.length > 0) return [...new Set(deciders)]
  const all = target.enforces.length > 0 ? enforcingBackends : backends
  if (target.functions.length <= typedFunctionsMax) return all
  return [...shared, ...all.filter((backend) => !shared.includes(backend))]
}

function targetFor(target: HookTarget, functions: readonly TargetFunction[]): HookTarget {
  return { ...target, functions, returns: target.returns && !functions.some(neverReturns) }
}

function refusal(
  backend: Backend,
  target: HookTarget,
  { reads, registers }: HookInputs,
  kernel: KernelView,
): Refusal | undefined {
  const plan = backend.plan(target, kernel)
  if (isRefusal(plan)) return plan
  const unknownThere = (what: string): Refusal => byArguments(`${what} is unavailable there`)
  const unknown = reads.find(({ index }) => !plan.parameters.includes(index))
  const hidden = reads.find(({ index, member = '' }) => {
    return plan.members?.[index]?.includes(member) === false
  })
  const [{ shown }] = target.functions
  if (unknown) return unknownThere(`argument ${unknown.index} of ${shown}`)
  if (hidden) {
    const known = plan.members?.[hidden.index].join(' and ')
    const what = `argument ${hidden.index} of ${shown}`
    return byArguments(`only the members ${known} of ${what} are available there`)
  }
  if (registers && !plan.registers) return unknownThere(`the content of registers at ${shown}`)
  if (target.returns && plan.leave.length === 0) return unknownThere(`the return of ${shown}`)
  for (const action of target.enforces) {
    const enforcement = enforcementOf(action)
    const means = enforcement && meansFor(action, enforcement, plan, kernel)
    if (means && isRefusal(means)) return means
  }
  return undefined
}

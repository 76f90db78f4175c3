import type { Btf } from '@tetragon-ts/ebpf/btf'
import type {
  Argument,
  Diagnostic,
  Hook,
  Policy,
  PolicyDocument,
  PolicyOptions,
  Selector,
} from '@tetragon-ts/policy'
import { lackingIma, selectorsWithHash } from '../actions/ima-hash.ts'
import { argumentType } from '../arguments/index.ts'
import { notEnforceable, notHookable } from '../checks/hook-problems.ts'
import type { HookTarget, TargetFunction } from '../hook-plans/hook-target.ts'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import {
  type Attempt,
  type Chosen,
  chooseBackends,
  type HookInputs,
  hookInputs,
  type RuledOut,
} from '../plan/choose-backends.ts'
import { onlySignals } from '../plan/enforcer-hooks.ts'
import { enforcingActionsOf } from '../plan/plan-enforcement.ts'
import { sectionOf } from '../sections/index.ts'
import { selectsWorkloads } from '../workloads/workload-sets.ts'

/** Where a hook's programs are attached. */
export interface PlacedHook {
  /** Functions by their back end; some may have none. */
  readonly groups: readonly Chosen[]
  /** An error if functions have none, with the nearest policy that would work. */
  readonly diagnostics: readonly Diagnostic[]
  /** Back ends that failed, for functions that have none. */
  readonly refused: readonly Attempt[]
}

/** Chooses the back ends of a hook's functions. @param functions at least one */
export function placeHook(
  hook: Hook,
  functions: readonly TargetFunction[],
  document: PolicyDocument,
  kernel: KernelView,
  ruledOut: RuledOut,
): PlacedHook {
  const { policy } = document
  const target = targetOfHook(hook, functions, policy, kernel.btf)
  const wanted = hookInputs(hook)
  const groups = chooseEnforcing(target, wanted, kernel, ruledOut, policy.options)
  const unreached = groups.filter(({ plan }) => !plan)
  if (unreached.length === 0) return { groups, diagnostics: [], refused: [] }
  const missed = unreached.flatMap((group) => group.functions)
  const works = (other: HookTarget): boolean =>
    chooseBackends(other, wanted, kernel, ruledOut).every(({ plan }) => plan)
  const isRefused = target.enforces.length > 0 && works(observed(target, missed))
  const problem = isRefused
    ? notEnforceable(hook, document, unreached, { ...target, functions: missed }, works)
    : notHookable(hook, document, unreached)
  const refused = unreached.flatMap(({ attempts }) => attempts)
  return { groups, diagnostics: [problem], refused }
}

/** A policy that monitors is loaded although the kernel has no means to enforce it. */
function chooseEnforcing(
  target: HookTarget,
  inputs: HookInputs,
  kernel: KernelView,
  ruledOut: RuledOut,
  { mode }: PolicyOptions,
): readonly Chosen[] {
  const groups = chooseBackends(target, inputs, kernel, ruledOut)
  if (mode === 'enforce' || target.enforces.length === 0) return groups
  return groups.flatMap((group) => {
    if (group.plan) return [group]
    return chooseBackends(observed(target, group.functions), inputs, kernel, ruledOut)
  })
}

/** The target of a policy that only observes these functions. */
function observed(target: HookTarget, functions: readonly TargetFunction[]): HookTarget {
  return { ...target, functions, enforces: [] }
}

/**
 * What the programs of a hook have to do, for the choice of a back end.
 * @param functions those of the hook that the kernel has; at least one
 * @param btf the kernel's types, which show whether it can hash files
 */
export function targetOfHook(
  hook: Hook,
  functions: readonly TargetFunction[],
  policy: Policy,
  btf: Btf,
): HookTarget {
  const { namespace, options: ofPolicy } = policy
  const { exactHooks, overrideMethod: method } = ofPolicy
  const { args, data, returnArg } = hook
  const reads = returnArg !== undefined || args.some(({ returnCopy }) => returnCopy)
  const returns = reads || onlySignals(hook)
  const { section, syscall, raw, user } = hook
  const isUser = sectionOf(hook).memory === 'user'
  const single = isUser ? ofPolicy.disableUprobeMulti : ofPolicy.disableKprobeMulti
  const options = { exact: exactHooks, single, method }
  const members = data.filter(({ named }) => named)
  const values = [...args, ...members, ...(returnArg ? [returnArg] : [])]
  const readsUserMemory = isUser && values.some(isInMemory)
  const enforces = enforcingActionsOf(hook)
  // A change of the mode waits for running programs, but not for programs that sleep.
  const maySleep = enforces.length === 0 && lackingIma(btf) === undefined
  const sleepable = selectorsWithHash(hook).length > 0 && maySleep
  const files = { isNamespaced: namespace !== '', files: namedFiles(hook) }
  const subject = {
    aboutProcess: partsAboutProcess(hook, ofPolicy),
    selectsWorkloads: selectsWorkloads(hook, policy),
  }
  return {
    section,
    functions,
    syscall,
    raw,
    returns,
    sleepable,
    enforces,
    user,
    readsUserMemory,
    ...subject,
    ...files,
    ...options,
  }
}

/** Whether an argument is read from memory, not from registers. */
function isInMemory({ source, resolve, type }: Argument): boolean {
  if (source === 'current_task') return false
  const hasMembers = source === undefined && resolve.length > 0
  return hasMembers || argumentType(type).readsUserMemory === true
}

/** The files that selectors name, if each of them does: the first parameter is Equal to paths. */
function namedFiles({ args, selectors }: Hook): readonly string[] | undefined {
  const ofHook = args.filter(({ source }) => source === undefined)
  // The parameter stands for its file only.
  if (ofHook.some(({ resolve }) => resolve.length > 0)) return undefined
  const named = selectors.map(({ args: matches }) => {
    const match = matches.find(({ written: { operator, values }, positions: [position] }) => {
      const isFirst = ofHook.includes(args[position]) && args[position].index === 0
      return isFirst && operator === 'Equal' && values.every((value) => value.startsWith('/'))
    })
    return match?.written.values
  })
  const isComplete = named.length > 0 && named.every((files) => files !== undefined)
  return isComplete ? [...new Set(named.flatMap((files) => files ?? []))] : undefined
}

/** Conditions of selectors on the current process. */
const conditions = {
  pids: 'matchPIDs',
  binaries: 'matchBinaries',
  parentBinaries: 'matchParentBinaries',
  commandArguments: 'matchCmdArgs',
  images: 'the condition of a rule',
  namespaces: 'matchNamespaces',
  namespaceChanges: 'matchNamespaceChanges',
  capabilities: 'matchCapabilities',
  capabilityChanges: 'matchCapabilityChanges',
} as const satisfies Partial<Record<keyof Selector, string>>

/** What a hook tests or does with the current process, as it is named in policies. */
function partsAboutProcess(
  { data, selectors }: Hook,
  { processLimit }: Pick<PolicyOptions, 'processLimit'>,
): readonly string[] {
  const names = Object.keys(conditions) as (keyof typeof conditions)[]
  const used = names.filter((name) => selectors.some((selector) => selector[name].length > 0))
  const actions = selectors.flatMap((selector) => selector.actions)
  return [
    ...used.map((name) => conditions[name]),
    ...(data.some(({ source }) => source !== undefined) ? ['data'] : []),
    ...(actions.some(({ action }) => action === 'TrackSock') ? ['TrackSock'] : []),
    ...(processLimit !== undefined ? ['process-limit'] : []),
  ]
}

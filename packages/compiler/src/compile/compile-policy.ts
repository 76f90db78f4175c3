import type { Program } from '@tetragon-ts/ebpf/lang'
import type { MapSpec } from '@tetragon-ts/ebpf/maps'
import { runSteps, type Steps, waitFor } from '@tetragon-ts/ebpf/steps'
import {
  type Abilities,
  type Diagnostic,
  findUnsupported,
  type Hook,
  type PolicyDocument,
  type UserHook,
} from '@tetragon-ts/policy'
import { workloadSetsMax } from '@tetragon-ts/sensors/records/control-groups'
import { followsFiles } from '../actions/follow-fd.ts'
import { tracksSocks } from '../actions/track-sock.ts'
import { planWarnings } from '../checks/hook-problems.ts'
import { resolveFunctions } from '../checks/resolve-functions.ts'
import { enforcerPlacements, enforcerProgram } from '../emit/enforcer-program.ts'
import { enterProgram } from '../emit/hook-program.ts'
import { processFilterProgram } from '../emit/process-filter-program.ts'
import { returnProgram } from '../emit/return-program.ts'
import { FileSets } from '../hook/file-sets.ts'
import { Notifications } from '../hook/notifications.ts'
import { ProcessLimit } from '../hook/process-limit.ts'
import type { TargetFunction } from '../hook-plans/hook-target.ts'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import { type Attempt, RuledOut } from '../plan/choose-backends.ts'
import { PolicyCounts } from '../plan/counts.ts'
import { enforcerHooks } from '../plan/enforcer-hooks.ts'
import { describeHook, type HookDescription } from '../plan/hook-description.ts'
import { modeMap } from '../plan/plan-enforcement.ts'
import { PlannedHook } from '../plan/plan-hook.ts'
import type { PolicyScope } from '../plan/policy-scope.ts'
import { ProcessSets } from '../process-sets/process-set.ts'
import { sectionOf } from '../sections/index.ts'
import { type NumberWorkloads, WorkloadSets } from '../workloads/workload-sets.ts'
import { placeHook } from './place-hook.ts'

/** A policy compiled for the running kernel; nothing is loaded yet. */
export interface CompiledPolicy {
  readonly document: PolicyDocument
  /** At least one per hook of the policy: functions with different back ends are separate. */
  readonly hooks: readonly CompiledHook[]
  /** Missing functions of hooks that ignore them. */
  readonly notFound: readonly { readonly hook: Hook; readonly name: string }[]
  readonly processSets: ProcessSets
  /** Workloads that its programs test. */
  readonly workloads: WorkloadSets
  /** Files that conditions name. */
  readonly fileSets: FileSets
  /** Warnings. */
  readonly warnings: readonly Diagnostic[]
  /** Counters of its selectors. */
  readonly counts: PolicyCounts
  /** Whether the kernel has means for all of its enforcing actions. */
  readonly canEnforce: boolean
  /** Its mode in the kernel; undefined if no program can enforce. */
  readonly mode: MapSpec | undefined
  /** Set if it limits itself. */
  readonly limit: ProcessLimit | undefined
  /** Counters of notifications without effect; undefined if it notifies no enforcer. */
  readonly missed: Notifications['missed'] | undefined
}

export interface CompiledHook {
  readonly planned: PlannedHook
  readonly functions: readonly TargetFunction[]
  readonly description: HookDescription
  /** Back ends that were tried before, and their refusals. */
  readonly attempts: readonly Attempt[]
  /** In attach order: the return of a call is hooked before its entry. */
  readonly programs: readonly Program[]
}

/** Numbers assigned by the agent: unique among all loaded policies. */
export interface Numbers {
  readonly policyId: number
  nextHookId(): number
  readonly workloads: NumberWorkloads
}

/** Numbers for programs that are only shown or checked: of one policy that is never loaded. */
export function numbersOfOne(): Numbers {
  let hookId = 1
  const workloads: string[] = []
  return {
    policyId: 1,
    nextHookId: () => hookId++,
    workloads(key) {
      const known = workloads.indexOf(key)
      return known < 0 ? workloads.push(key) - 1 : known
    },
  }
}

export interface Compilation {
  /** Undefined if there are errors. */
  readonly compiled?: CompiledPolicy
  /** The hooks that were planned, also if others have errors. */
  readonly hooks: readonly CompiledHook[]
  readonly diagnostics: readonly Diagnostic[]
  /** Back ends that failed, for hooks that no back end can attach. */
  readonly refused: readonly Attempt[]
}

/**
 * Plans every hook of a policy. Nothing is loaded.
 * @param ruledOut refusals found when the policy was loaded before
 * @param abilities features of this agent; no information about pods by default
 * @returns the policy, or its errors
 */
export function compilePolicy(
  document: PolicyDocument,
  kernel: KernelView,
  numbers: Numbers,
  ruledOut?: RuledOut,
  abilities?: Abilities,
): Compilation {
  return runSteps(compileInSteps(document, kernel, numbers, ruledOut, abilities))
}

/** The same in steps, with a part for each hook. */
export function* compileInSteps(
  document: PolicyDocument,
  kernel: KernelView,
  { policyId, nextHookId, workloads: numberWorkloads }: Numbers,
  ruledOut: RuledOut = new RuledOut(),
  abilities: Abilities = {},
): Steps<Compilation> {
  const { policy } = document
  const diagnostics: Diagnostic[] = []
  const processSets = new ProcessSets()
  const workloads = WorkloadSets.of(policy, numberWorkloads)
  if (!workloads) return { hooks: [], diagnostics: [tooManyWorkloads(document)], refused: [] }
  const fileSets = new FileSets()
  const counts = new PolicyCounts()
  const notFound: { hook: Hook; name: string }[] = []
  const refused: Attempt[] = []
  const { btf, hostNamespace, agent, hierarchy, ringSize, hasGuards } = kernel
  const mode = modeMap(policy)
  const limit = ProcessLimit.of(policy)
  const notifications = Notifications.of(policy)
  const scope: PolicyScope = {
    policy,
    document,
    policyId,
    btf,
    processSets,
    workloads,
    hostNamespace,
    hierarchy,
    agent,
    ringSize,
    counts,
    mode,
    limit,
    notifications,
    hasGuards,
    fileSets,
    // Once for all hooks: they look at all hooks.
    followsFiles: followsFiles(policy),
    tracksSocks: tracksSocks(policy),
  }
  diagnostics.push(...findUnsupported(document, abilities))
  function* compileHook(written: Hook): Steps<readonly CompiledHook[]> {
    if (written.user) yield* askUserFiles(written.user, kernel)
    const list = written.list === undefined ? undefined : policy.lists.get(written.list)
    const needsSymbols = sectionOf(written).needsSymbols?.(written, list, kernel)
    if (needsSymbols) yield* kernel.readNames?.() ?? []
    const { hook, functions, unknown, ...resolved } = resolveFunctions(written, document, kernel)
    diagnostics.push(...resolved.diagnostics)
    notFound.push(...unknown.map((name) => ({ hook, name })))
    if (functions.length === 0) return []
    yield
    fileSets.add(hook)
    const placed = placeHook(hook, functions, document, kernel, ruledOut)
    diagnostics.push(...placed.diagnostics)
    refused.push(...placed.refused)
    const compiled: CompiledHook[] = []
    for (const { functions, plan, attempts } of placed.groups) {
      if (!plan) continue
      yield
      const planned = new PlannedHook(scope, hook, plan, nextHookId())
      diagnostics.push(...planWarnings(planned, document))
      const description = describeHook(planned)
      const programs = hookPrograms(planned)
      compiled.push({ planned, functions, description, attempts, programs })
    }
    return compiled
  }
  // Enforcers must be attached before hooks notify them.
  const hooks: CompiledHook[] = []
  for (const hook of [...enforcerHooks(policy, notifications), ...policy.hooks]) {
    hooks.push(...(yield* compileHook(hook)))
    yield 'part'
  }
  if (diagnostics.some(({ severity }) => severity === 'error')) {
    return { hooks, diagnostics, refused }
  }
  const compiled = {
    document,
    hooks,
    notFound,
    processSets,
    workloads,
    counts,
    mode,
    limit,
    fileSets,
    missed: notifications?.missed,
    canEnforce: hooks.every(({ planned }) => planned.canEnforce),
  }
  return { compiled: { ...compiled, warnings: diagnostics }, hooks, diagnostics, refused }
}

/** Before a hook in user space is planned, the file systems of its files have answered. */
function* askUserFiles(user: UserHook, { askUserFile }: KernelView): Steps<void> {
  if (!askUserFile) return
  for (const path of [user.file, ...(user.btfFile === undefined ? [] : [user.btfFile])]) {
    yield* waitFor(askUserFile(path))
  }
}

/** The programs of a hook, in attach order: the return of a call is hooked before its entry. */
function hookPrograms(planned: PlannedHook): readonly Program[] {
  const { enter, leave, leaveRunsLast } = planned.plan
  const { notifications } = planned.scope
  if (planned.hook.isEnforcer && notifications) {
    return enforcerPlacements(planned).map((placement) =>
      enforcerProgram(planned, placement, notifications),
    )
  }
  if (planned.hook.section === 'processes') {
    return enter.map((placement) => processFilterProgram(planned, placement))
  }
  if (planned.onlyAtReturn) return leave.map((placement) => enterProgram(planned, placement))
  const entries = enter.map((placement) => enterProgram(planned, placement))
  const returns = planned.returnPlacements.map((placement) => returnProgram(planned, placement))
  return leaveRunsLast ? [...entries, ...returns] : [...returns, ...entries]
}

function tooManyWorkloads(document: PolicyDocument): Diagnostic {
  const message = `the policies of a node can have ${workloadSetsMax} different workload selectors`
  return document.diagnose('spec', 'POLICY_LIMIT', message)
}

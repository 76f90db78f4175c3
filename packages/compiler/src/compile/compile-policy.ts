import type { Program } from '@tetragon-ts/ebpf/lang'
import type { MapSpec } from '@tetragon-ts/ebpf/maps'
import {
  type Abilities,
  type Diagnostic,
  findUnsupported,
  type Hook,
  type PolicyDocument,
} from '@tetragon-ts/policy'
import { workloadSetsMax } from '@tetragon-ts/sensors/records/control-groups'
import { tracksSocks } from '../actions/track-sock.ts'
import { checkEndless } from '../checks/check-endless.ts'
import { checkFunctions } from '../checks/check-functions.ts'
import { checkHook } from '../checks/check-hook.ts'
import { checkSelectors } from '../checks/check-selectors.ts'
import { noHashes, noStacks, notHookable } from '../checks/hook-problems.ts'
import { inferTypes } from '../checks/infer-types.ts'
import { neverMatches } from '../checks/never-matches.ts'
import { enforcerPlacements, enforcerProgram } from '../emit/enforcer-program.ts'
import { enterProgram } from '../emit/hook-program.ts'
import { returnProgram } from '../emit/return-program.ts'
import { FileSets } from '../hook/file-sets.ts'
import type { FilledMap } from '../hook/hook-context.ts'
import { Notifications } from '../hook/notifications.ts'
import { ProcessLimit } from '../hook/process-limit.ts'
import type { TargetFunction } from '../hook-plans/hook-target.ts'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import { type Attempt, chooseBackends, RuledOut } from '../plan/choose-backends.ts'
import { PolicyCounts } from '../plan/counts.ts'
import { describeHook } from '../plan/describe-hook.ts'
import { enforcerHooks } from '../plan/enforcer-hooks.ts'
import type { HookDescription } from '../plan/hook-description.ts'
import { parameterReads } from '../plan/parameter-reads.ts'
import {
  chooseEnforcing,
  modeMap,
  nearestPolicies,
  notEnforceable,
  observed,
  weak,
} from '../plan/plan-enforcement.ts'
import { PlannedHook } from '../plan/plan-hook.ts'
import { followsFiles, type PolicyScope } from '../plan/policy-scope.ts'
import { targetOfHook } from '../plan/target-of-hook.ts'
import { ProcessSets } from '../process-sets/process-set.ts'
import { sectionOf } from '../sections/index.ts'
import { type NumberWorkloads, WorkloadSets } from '../workloads/workload-sets.ts'

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
  /** Filled while programs are built: files that conditions name. */
  readonly fileSets: FileSets
  /** Warnings. */
  readonly warnings: readonly Diagnostic[]
  /** Filled while programs are built: maps that they declare. */
  readonly maps: readonly FilledMap[]
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

export interface Compilation {
  /** Undefined if there are errors. */
  readonly compiled?: CompiledPolicy
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
  const steps = compileInSteps(document, kernel, numbers, ruledOut, abilities)
  let step = steps.next()
  while (!step.done) step = steps.next()
  return step.value
}

/** The same in steps, one for each hook. */
export function* compileInSteps(
  document: PolicyDocument,
  kernel: KernelView,
  { policyId, nextHookId, workloads: numberWorkloads }: Numbers,
  ruledOut: RuledOut = new RuledOut(),
  abilities: Abilities = {},
): Generator<void, Compilation> {
  const { policy } = document
  const diagnostics: Diagnostic[] = []
  const processSets = new ProcessSets()
  const workloads = WorkloadSets.of(policy, numberWorkloads)
  if (!workloads) return { diagnostics: [tooManyWorkloads(document)], refused: [] }
  const fileSets = new FileSets()
  const maps: FilledMap[] = []
  const counts = new PolicyCounts()
  const notFound: { hook: Hook; name: string }[] = []
  const refused: Attempt[] = []
  const { btf, hostNamespace, hierarchy, ringSize, hasGuards } = kernel
  const mode = modeMap(policy)
  if (mode) maps.push(mode)
  const limit = ProcessLimit.of(policy)
  const notifications = Notifications.of(policy)
  const scope: PolicyScope = {
    ...{ policy, document, policyId, btf, processSets, workloads, hostNamespace, hierarchy },
    ...{ ringSize, maps, counts, mode: mode?.spec, limit, notifications, hasGuards, fileSets },
    // Once for all hooks: they look at all hooks.
    ...{ followsFiles: followsFiles(policy), tracksSocks: tracksSocks(policy) },
  }
  diagnostics.push(...findUnsupported(document, abilities))
  const planHook = (written: Hook): readonly CompiledHook[] => {
    const section = sectionOf(written)
    const { hook, found } = inferTypes(written, document, kernel)
    const list = hook.list === undefined ? undefined : policy.lists.get(hook.list)
    const functions = section.targets(hook, list, kernel)
    const ofSection = section.check?.(hook, document, kernel) ?? []
    const checked = checkFunctions(hook, functions, document, kernel)
    const checks = found.length > 0 ? found : checkHook(hook, document, kernel)
    const { matchable, diagnostics: ofResults } = checkEndless(hook, checked.known, document)
    const problems = [...ofSection, ...checked.diagnostics, ...checks, ...ofResults]
    diagnostics.push(...problems)
    if (problems.some(({ severity }) => severity === 'error')) return []
    const selectors = checkSelectors(hook, document)
    diagnostics.push(...selectors)
    if (selectors.some(({ severity }) => severity === 'error')) return []
    notFound.push(...checked.unknown.map(({ shown: name }) => ({ hook, name })))
    if (matchable.length === 0) return []
    const target = targetOfHook(hook, matchable, policy, btf)
    const registers = hook.data.some(({ source }) => source === 'pt_regs')
    const wanted = { path: hook.path, reads: parameterReads(hook), registers }
    const groups = chooseEnforcing(target, wanted, kernel, ruledOut, policy.options)
    const unreached = groups.filter(({ plan }) => !plan)
    if (unreached.length > 0) {
      const functions = unreached.flatMap((group) => group.functions)
      const observing = chooseBackends(observed(target, functions), wanted, kernel, ruledOut)
      const isRefused = target.enforces.length > 0 && observing.every(({ plan }) => plan)
      const nearest = nearestPolicies(target, functions, wanted, kernel, ruledOut)
      diagnostics.push(
        isRefused
          ? notEnforceable(hook, document, unreached, nearest)
          : notHookable(hook, document, unreached),
      )
    }
    refused.push(...unreached.flatMap(({ attempts }) => attempts))
    return groups.flatMap(({ functions, plan, attempts }) => {
      if (!plan) return []
      const planned = new PlannedHook(scope, hook, plan, nextHookId())
      if (planned.lacksStacks) diagnostics.push(noStacks(planned, document))
      diagnostics.push(...noHashes(planned, document), ...weak(planned, document))
      diagnostics.push(...neverMatches(planned, document))
      return [compileHook(planned, functions, attempts)]
    })
  }
  // Enforcers must be attached before hooks notify them.
  const hooks: CompiledHook[] = []
  for (const hook of [...enforcerHooks(policy, notifications), ...policy.hooks]) {
    hooks.push(...planHook(hook))
    yield
  }
  if (diagnostics.some(({ severity }) => severity === 'error')) return { diagnostics, refused }
  const compiled = {
    ...{ document, hooks, notFound, processSets, workloads, maps, counts, mode: mode?.spec },
    ...{ limit, fileSets },
    missed: notifications?.missed,
    canEnforce: hooks.every(({ planned }) => planned.canEnforce),
  }
  return { compiled: { ...compiled, warnings: diagnostics }, diagnostics, refused }
}

function compileHook(
  planned: PlannedHook,
  functions: readonly TargetFunction[],
  attempts: readonly Attempt[],
): CompiledHook {
  const { enter, leave, leaveRunsLast } = planned.plan
  const { returnPlacements } = planned
  const common = { planned, functions, description: describeHook(planned), attempts }
  const { notifications } = planned.scope
  if (planned.hook.isEnforcer && notifications) {
    const programs = enforcerPlacements(planned).map((placement) =>
      enforcerProgram(planned, placement, notifications),
    )
    return { ...common, programs }
  }
  if (planned.onlyAtReturn) {
    return { ...common, programs: leave.map((placement) => enterProgram(planned, placement)) }
  }
  const entries = enter.map((placement) => enterProgram(planned, placement))
  const returns = returnPlacements.map((placement) => returnProgram(planned, placement))
  return {
    ...common,
    programs: leaveRunsLast ? [...entries, ...returns] : [...returns, ...entries],
  }
}

function tooManyWorkloads(document: PolicyDocument): Diagnostic {
  const message = `the policies of a node can have ${workloadSetsMax} different workload selectors`
  return document.diagnose('spec', 'POLICY_LIMIT', message)
}

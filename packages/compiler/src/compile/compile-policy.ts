import type { Program } from '@tetragon-ts/ebpf/lang'
import type { MapSpec } from '@tetragon-ts/ebpf/maps'
import {
  type Abilities,
  type Argument,
  type Diagnostic,
  findUnsupported,
  type Hook,
  type Policy,
  type PolicyDocument,
} from '@tetragon-ts/policy'
import { workloadSetsMax } from '@tetragon-ts/sensors/records/control-groups'
import { lackingIma, needsHash, selectorsWithHash } from '../actions/ima-hash.ts'
import { tracksSocks } from '../actions/track-sock.ts'
import { argumentType } from '../arguments/index.ts'
import { partsAboutProcess } from '../checks/about-process.ts'
import { checkEndless } from '../checks/check-endless.ts'
import { checkFunctions, namePath } from '../checks/check-functions.ts'
import { checkHook } from '../checks/check-hook.ts'
import { checkSelectors } from '../checks/check-selectors.ts'
import { inferTypes } from '../checks/infer-types.ts'
import { neverMatches } from '../checks/never-matches.ts'
import { enforcerPlacements, enforcerProgram } from '../emit/enforcer-program.ts'
import { enterProgram } from '../emit/hook-program.ts'
import { returnProgram } from '../emit/return-program.ts'
import { FileSets } from '../hook/file-sets.ts'
import type { FilledMap } from '../hook/hook-context.ts'
import { Notifications } from '../hook/notifications.ts'
import { ProcessLimit } from '../hook/process-limit.ts'
import type { HookTarget, TargetFunction } from '../hook-plans/hook-target.ts'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import {
  type Attempt,
  type Chosen,
  chooseBackends,
  type ParameterRead,
  RuledOut,
} from '../plan/choose-backends.ts'
import { PolicyCounts } from '../plan/counts.ts'
import { describeHook } from '../plan/describe-hook.ts'
import { enforcerHooks, onlySignals } from '../plan/enforcer-hooks.ts'
import type { HookDescription } from '../plan/hook-description.ts'
import {
  chooseEnforcing,
  enforcingActionsOf,
  modeMap,
  nearestPolicies,
  notEnforceable,
  observed,
  weak,
} from '../plan/plan-enforcement.ts'
import { PlannedHook } from '../plan/plan-hook.ts'
import { followsFiles, type PolicyScope } from '../plan/policy-scope.ts'
import { ProcessSets } from '../process-sets/process-set.ts'
import { sectionOf } from '../sections/index.ts'
import { type NumberWorkloads, selectsWorkloads, WorkloadSets } from '../workloads/workload-sets.ts'

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
    const target = targetOf(hook, matchable, policy, kernel)
    const registers = hook.data.some(({ source }) => source === 'pt_regs')
    const wanted = { path: hook.path, reads: readsOf(hook), registers }
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

function targetOf(
  hook: Hook,
  functions: readonly TargetFunction[],
  policy: Policy,
  { btf }: KernelView,
): HookTarget {
  const { namespace, options: ofPolicy } = policy
  const { exactHooks, overrideMethod: method } = ofPolicy
  const { args, returnArg } = hook
  const reads = returnArg !== undefined || args.some(({ returnCopy }) => returnCopy)
  const returns = reads || onlySignals(hook)
  const { section, syscall, raw, user } = hook
  const isUser = sectionOf(hook).memory === 'user'
  const single = isUser ? ofPolicy.disableUprobeMulti : ofPolicy.disableKprobeMulti
  const options = { exact: exactHooks, single, method }
  const readsUserMemory = isUser && [...args, ...(returnArg ? [returnArg] : [])].some(isInMemory)
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
    ...{ section, functions, syscall, raw, returns, sleepable, enforces, user, readsUserMemory },
    ...{ ...subject, ...files, ...options },
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

/** The parameters that a hook reads. */
function readsOf({ args }: Hook): readonly ParameterRead[] {
  const read = args.filter(({ source }) => source === undefined)
  return read.flatMap(({ index, sizeIndex, resolve: [member] }) => {
    const value = { index, member: member === undefined ? undefined : String(member) }
    return sizeIndex === undefined ? [value] : [value, { index: sizeIndex }]
  })
}

/** All attempts for the first function without a back end. */
function notHookable(
  hook: Hook,
  document: PolicyDocument,
  [first, ...others]: readonly Chosen[],
): Diagnostic {
  const { functions, attempts } = first
  const tried = attempts.map(({ backend, reason }) => `${backend}: ${reason}`).join('; ')
  const more = others.length > 0 ? ` and ${others.length} more functions of the list` : ''
  const message = `cannot hook ${functions[0].shown}${more}: ${tried}`
  // A back end could attach, but does not provide what the policy reads.
  const isAboutArguments = attempts.some(({ by }) => by === 'arguments')
  const code = isAboutArguments ? 'POLICY_HOOK_ARGUMENT' : 'POLICY_HOOK'
  return document.diagnose(namePath(hook), code, message)
}

function tooManyWorkloads(document: PolicyDocument): Diagnostic {
  const message = `the policies of a node can have ${workloadSetsMax} different workload selectors`
  return document.diagnose('spec', 'POLICY_LIMIT', message)
}

/** The event is posted anyway. */
function noStacks({ hook, plan }: PlannedHook, document: PolicyDocument): Diagnostic {
  const message = `events have no stack traces: ${plan.backend} (${plan.why}) cannot read stacks`
  return document.diagnose(hook.path, 'POLICY_IGNORED', message, { severity: 'warning' })
}

/** The same, for each action that requests one. */
function noHashes(
  { hook, plan, extras, scope }: PlannedHook,
  document: PolicyDocument,
): Diagnostic[] {
  if (extras.imaHash) return []
  const reason =
    lackingIma(scope.btf) ??
    (extras.enforcement
      ? 'programs that enforce cannot wait for IMA'
      : `programs of ${plan.backend} (${plan.why}) cannot use IMA`)
  const message = `events have no ima_hash: ${reason}`
  return selectorsWithHash(hook).map((i) => {
    const action = hook.selectors[i].actions.find(needsHash)
    const where = `${action?.path ?? hook.path}.imaHash`
    return document.diagnose(where, 'POLICY_IGNORED', message, { severity: 'warning' })
  })
}

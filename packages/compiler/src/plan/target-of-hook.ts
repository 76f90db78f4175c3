import type { Btf } from '@tetragon-ts/ebpf/btf'
import type { Argument, Hook, Policy, PolicyOptions, Selector } from '@tetragon-ts/policy'
import { lackingIma, selectorsWithHash } from '../actions/ima-hash.ts'
import { argumentType } from '../arguments/index.ts'
import type { HookTarget, TargetFunction } from '../hook-plans/hook-target.ts'
import { sectionOf } from '../sections/index.ts'
import { selectsWorkloads } from '../workloads/workload-sets.ts'
import { onlySignals } from './enforcer-hooks.ts'
import { enforcingActionsOf } from './plan-enforcement.ts'

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

import { inUserSpace } from '../actions/action.ts'
import { type ActionName, actionNames, actions } from '../actions/index.ts'
import type { Check } from '../arguments/check.ts'
import type { Action, Policy } from '../model/index.ts'
import type { SpecDocument } from '../schema/tracing-policy.ts'

/** Names of lists that hooks, matches and enforcers refer to. */
function usedLists({ hooks, enforcers }: Policy): Set<string> {
  const ofHooks = hooks.flatMap(({ list, selectors }) => [
    ...(list === undefined ? [] : [list]),
    ...selectors.flatMap(({ args, data, returnArgs }) =>
      [...args, ...data, ...returnArgs].flatMap(({ test }) =>
        test.operator === 'in-map' ? test.lists : [],
      ),
    ),
  ])
  const ofEnforcers = enforcers.flatMap(({ hooks }) => hooks.flatMap(({ list }) => list ?? []))
  return new Set([...ofHooks, ...ofEnforcers])
}

function usedMacros(spec: SpecDocument): Set<string> {
  const { kprobes, fentries, tracepoints, lsmhooks, uprobes, usdts, processes } = spec
  const hooks: readonly Pick<SpecDocument['processes'][number], 'selectors'>[] = [
    ...[kprobes, fentries, tracepoints, lsmhooks, uprobes, usdts, processes].flat(),
  ]
  return new Set(hooks.flatMap(({ selectors }) => selectors.flatMap(({ macros }) => macros)))
}

function actionsOf({ hooks }: Policy, names: readonly ActionName[]): readonly Action[] {
  return hooks
    .flatMap(({ selectors }) => selectors)
    .flatMap(({ actions, returnActions }) => [...actions, ...returnActions])
    .filter(({ action }) => names.includes(action))
}

function hasAction(policy: Policy, names: readonly ActionName[]): boolean {
  return actionsOf(policy, names).length > 0
}

const enforcing = actionNames.filter((name) => actions[name].effect === 'enforce')

/** Settings that only affect enforcing actions, and the actions. */
const settingsOfActions: ReadonlyMap<string, readonly ActionName[]> = new Map([
  ['equal-refusals', ['Override', 'NotifyEnforcer']],
  ['override-method', ['Override', 'NotifyEnforcer']],
  ['process-limit', enforcing],
  ['unreadable-arguments', enforcing],
  ['unknown-workloads', enforcing],
])

type HookField = 'kprobes' | 'fentries' | 'lsmhooks' | 'enforcers' | 'uprobes' | 'usdts'

/** The fields of the spec to whose hooks a setting applies. */
const settingsOfHooks = new Map<string, readonly HookField[]>([
  // Programs of LSM hooks may be attached to the kernel functions that call the hooks.
  ['disable-kprobe-multi', ['kprobes', 'fentries', 'lsmhooks', 'enforcers']],
  ['disable-uprobe-multi', inUserSpace],
])

function checkSettings(spec: SpecDocument, policy: Policy, check: Check): void {
  const ignored = (at: string, message: string): void =>
    check.findings.warning(`${at}.name`, 'POLICY_IGNORED', message)
  for (const { name, at } of spec.options.filter((option) => !check.isBroken(option))) {
    const fields = settingsOfHooks.get(name)
    if (fields?.every((field) => spec[field].length === 0)) {
      ignored(at, `${name} has no effect without ${fields.join(', ')}`)
    }
    const actions = settingsOfActions.get(name)
    if (actions === undefined || hasAction(policy, actions)) continue
    ignored(at, `${name} has no effect without ${actions.join(', ')}`)
  }
}

/** Warns about unused parts of a policy. */
export function checkUnused(spec: SpecDocument, policy: Policy, check: Check): void {
  const { findings } = check
  // Invalid parts may have used them.
  if (findings.failed) return
  const ignored = (path: string, message: string): void =>
    findings.warning(path, 'POLICY_IGNORED', message, { key: true })
  if (policy.hooks.length === 0 && !policy.loader) {
    ignored(spec.at, 'the policy has no hooks: it has no effect')
  }
  const lists = usedLists(policy)
  for (const { name, path } of policy.lists.values()) {
    if (!lists.has(name)) ignored(path, `nothing refers to the list ${JSON.stringify(name)}`)
  }
  const macros = usedMacros(spec)
  for (const [name, { at }] of Object.entries(spec.selectorsMacros)) {
    if (!macros.has(name)) ignored(at, `no selector uses the macro ${JSON.stringify(name)}`)
  }
  if (policy.enforcers.length > 0 && !hasAction(policy, ['NotifyEnforcer'])) {
    ignored(`${spec.at}.enforcers`, 'enforcers have no effect without a NotifyEnforcer action')
  }
  const [cancelling] = actionsOf(policy, ['CleanupEnforcerNotification'])
  if (cancelling !== undefined && !hasAction(policy, ['NotifyEnforcer'])) {
    const message = `${cancelling.action} has no effect without a NotifyEnforcer action`
    findings.warning(`${cancelling.path}.action`, 'POLICY_IGNORED', message)
  }
  checkSettings(spec, policy, check)
}

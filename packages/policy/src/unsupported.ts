import type { Diagnostic } from './diagnostics/diagnostic.ts'
import type { Action, Policy } from './model/index.ts'
import type { PolicyDocument } from './parse/policy-document.ts'
import { actionFacts } from './schema/action.ts'

// A policy may be right and still ask for something that this release does not carry out. Whoever
// loads it has to know: a policy that is accepted without effect protects nothing.

function actionsOf({ hooks }: Policy): Action[] {
  return hooks.flatMap(({ selectors }) =>
    selectors.flatMap(({ actions, returnActions }) => [...actions, ...returnActions]),
  )
}

/** Whether an action does more than observe. In the mode `monitor` it is only counted. */
export function isEnforcement({ action }: Action): boolean {
  return actionFacts[action].effect !== 'observe'
}

/** Whether a policy has an action that does more than observe. */
export function enforces(policy: Policy): boolean {
  return actionsOf(policy).some(isEnforcement)
}

/** Of each action that this release cannot carry out the first. */
function enforcement(document: PolicyDocument): Diagnostic[] {
  const { policy } = document
  if (policy.options.mode === 'monitor') return []
  const first = new Map<Action['action'], Action>()
  for (const action of actionsOf(policy)) {
    const { effect } = actionFacts[action.action]
    if (effect === 'enforce-later' && !first.has(action.action)) first.set(action.action, action)
  }
  return [...first.values()].map(({ action, path }) => {
    const message = `this release cannot enforce ${action}; to observe only, set policy-mode to monitor`
    return document.diagnose(`${path}.action`, 'POLICY_ENFORCEMENT', message)
  })
}

/** Sections whose hooks this release cannot attach. */
const laterSections = ['uprobes', 'usdts'] as const

function sections(document: PolicyDocument): Diagnostic[] {
  const { hooks, loader } = document.policy
  const later = laterSections.filter((name) => hooks.some(({ section }) => section === name))
  return [...later, ...(loader ? ['loader'] : [])].map((name) =>
    document.diagnose(
      `spec.${name}`,
      'POLICY_UNSUPPORTED',
      `this release does not implement ${name}`,
    ),
  )
}

/** Policies are not applied by pod: a selector matches nothing, a namespace restricts nothing. */
function workloads(document: PolicyDocument): Diagnostic[] {
  const { policy } = document
  const refuse = (path: string, what: string): Diagnostic =>
    document.diagnose(
      path,
      'POLICY_UNSUPPORTED',
      `this release does not apply policies by pod: ${what}`,
    )
  if (policy.kind === 'TracingPolicyNamespaced') {
    const what = 'it cannot restrict a policy to a namespace; use the kind TracingPolicy'
    return [refuse('kind', what)]
  }
  const places = [
    policy,
    ...policy.hooks.flatMap(({ selectors }) => selectors.flatMap((each) => each.workloads ?? [])),
  ]
  const selecting = places.filter((place) => !selectsAll(place))
  return (['podSelector', 'containerSelector'] as const).flatMap((name) => {
    const path = selecting.find((place) => place[name] !== undefined)?.[name]?.path
    return path === undefined ? [] : [refuse(path, `${name} would match no process`)]
  })
}

type Workloads = Pick<Policy, 'podSelector' | 'containerSelector' | 'hostSelector'>

/** Three empty selectors leave nothing out. */
function selectsAll({ podSelector, containerSelector, hostSelector }: Workloads): boolean {
  return [podSelector, containerSelector, hostSelector].every(
    (each) => each && Object.keys(each.matchLabels).length + each.matchExpressions.length === 0,
  )
}

/** What has no effect yet, and does not keep the rest from being carried out. */
function ignored(document: PolicyDocument): Diagnostic[] {
  const { nodeSelector } = document.policy
  if (nodeSelector === undefined) return []
  const message = 'this release has no information about nodes: nodeSelector has no effect'
  return [document.diagnose(nodeSelector.path, 'POLICY_IGNORED', message, { severity: 'warning' })]
}

/** What depends on where an agent runs. */
export interface Abilities {
  /** Whether it knows which cgroups belong to which pods. */
  readonly pods?: boolean
}

/**
 * What a policy asks for and this release does not carry out: each is an error with its place. In
 * the mode `monitor` (see `PolicyDocument.withMode`) actions that enforce are allowed. Fields
 * without effect that leave the rest intact are warnings.
 */
export function findUnsupported(
  document: PolicyDocument,
  { pods = false }: Abilities = {},
): readonly Diagnostic[] {
  return [
    ...sections(document),
    ...(pods ? [] : workloads(document)),
    ...enforcement(document),
    ...ignored(document),
  ]
}

import { actions } from './actions/index.ts'
import type { Diagnostic } from './diagnostics/diagnostic.ts'
import type { Action, Policy } from './model/index.ts'
import type { PolicyDocument } from './parse/policy-document.ts'

// A valid policy may require options that are off in this agent. It is refused: a policy that is
// accepted without effect is shown as enabled and protects nothing. The agent, `tetra`, the console
// and the webhook all ask findUnsupported, so that they agree. Whether the kernel can carry out an
// action is not known here: the compiler decides it.

function actionsOf({ hooks }: Policy): Action[] {
  return hooks.flatMap(({ selectors }) =>
    selectors.flatMap(({ actions, returnActions }) => [...actions, ...returnActions]),
  )
}

/** Whether an action enforces. In mode `monitor` it is only counted. */
export function isEnforcement({ action }: Action): boolean {
  return actions[action].effect !== 'observe'
}

/** Whether a policy has an enforcing action. */
export function enforces(policy: Policy): boolean {
  return actionsOf(policy).some(isEnforcement)
}

/** The first part of a policy that needs options of the agent which are off. */
function workloads(
  document: PolicyDocument,
  { kubernetes, policyFilter }: Abilities,
): Diagnostic[] {
  const { policy } = document
  const places = [
    policy,
    ...policy.hooks.flatMap(({ selectors }) => selectors.flatMap((each) => each.workloads ?? [])),
  ].filter((place) => !selectsAll(place))
  const first = (names: readonly (keyof Workloads)[]): string | undefined =>
    places.flatMap((place) => names.flatMap((name) => place[name]?.path ?? []))[0]
  const isNamespaced = policy.kind === 'TracingPolicyNamespaced'
  const ofPods = isNamespaced ? 'kind' : first(['podSelector', 'containerSelector'])
  const path = ofPods ?? first(['hostSelector'])
  const missing = [
    ...(ofPods !== undefined && kubernetes === false ? ['--enable-k8s-api'] : []),
    ...(path !== undefined && policyFilter === false ? ['--enable-policy-filter'] : []),
  ]
  if (path === undefined || missing.length === 0) return []
  const what = ofPods === undefined ? 'a policy for the host' : 'a policy that selects pods'
  const message = `${what} requires ${missing.join(' and ')} of the agent`
  return [document.diagnose(path, 'POLICY_UNSUPPORTED', message)]
}

type Workloads = Pick<Policy, 'podSelector' | 'containerSelector' | 'hostSelector'>

/** Three empty selectors exclude nothing. */
function selectsAll({ podSelector, containerSelector, hostSelector }: Workloads): boolean {
  return [podSelector, containerSelector, hostSelector].every(
    (each) => each && Object.keys(each.matchLabels).length + each.matchExpressions.length === 0,
  )
}

/**
 * Fields without effect that do not affect the rest. For objects of the API, the agent evaluates
 * `nodeSelector` and removes it (`PolicyDocument.forNode`).
 */
function ignored(document: PolicyDocument): Diagnostic[] {
  const { nodeSelector } = document.policy
  if (nodeSelector === undefined) return []
  const message = 'nodeSelector has no effect: only policies in the Kubernetes API select nodes'
  return [document.diagnose(nodeSelector.path, 'POLICY_IGNORED', message, { severity: 'warning' })]
}

/** Options of an agent that policies may require; absent ones are unknown. */
export interface Abilities {
  /** `--enable-k8s-api`: the agent knows the labels of pods. */
  readonly kubernetes?: boolean
  /** `--enable-policy-filter`: policies can select workloads. */
  readonly policyFilter?: boolean
}

/**
 * Options that a policy requires but that are off in the agent: each is an error with its position.
 * Fields without effect that do not affect the rest are warnings.
 * @param abilities options of the agent that loads it
 */
export function findUnsupported(
  document: PolicyDocument,
  abilities: Abilities = {},
): readonly Diagnostic[] {
  return [...workloads(document, abilities), ...ignored(document)]
}

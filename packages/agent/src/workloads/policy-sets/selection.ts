import { selectsPods, type WorkloadSelection } from '@tetragon-ts/compiler/hooks'
import type { LabelSelector } from '@tetragon-ts/policy'
import { labelMatcher, repositoryOf } from '@tetragon-ts/policy/labels'

/** The part of a pod that selectors test. */
export interface SelectablePod {
  readonly namespace: string
  /** Undefined: not known yet. */
  readonly labels: Readonly<Record<string, string>> | undefined
  /** Undefined for the sandbox of the pod; `unknown` until it has a name. */
  readonly container: { readonly name: string; readonly image: string } | 'unknown' | undefined
}

/** The pod of a container: `outside` of pods, or `unknown` until it is found. */
export type PodState = SelectablePod | 'outside' | 'unknown'

/** Whether a selection includes a container. */
export type Selected = 'yes' | 'no' | 'unknown'

/** Decides about a container of this pod. */
export type Selects = (pod: PodState) => Selected

/** The namespace of a pod, as a label that selectors may name. */
const namespaceLabel = 'k8s:io.kubernetes.pod.namespace'

/** Compiles a selection. */
export function compileSelection(selection: WorkloadSelection): Selects {
  const { namespace, podSelector, containerSelector, host } = selection
  const includesPods = selectsPods(selection)
  const includesContainer = containerCondition(containerSelector)
  const ofLabels = labelCondition(podSelector)
  return (pod) => {
    if (pod === 'unknown') return 'unknown'
    if (pod === 'outside') return host ? 'yes' : 'no'
    const isOther = namespace !== '' && namespace !== pod.namespace
    if (!includesPods || isOther) return 'no'
    const conditions = [includesContainer(pod), ofLabels(pod)]
    if (conditions.includes('no')) return 'no'
    return conditions.includes('unknown') ? 'unknown' : 'yes'
  }
}

/** The sandbox is not a container: only a selector without conditions includes it. */
function containerCondition(selector: LabelSelector | undefined): (pod: SelectablePod) => Selected {
  if (selector === undefined || conditionsOf(selector) === 0) return () => 'yes'
  const matches = labelMatcher(selector)
  return ({ container }) => {
    if (container === 'unknown') return 'unknown'
    if (container === undefined) return 'no'
    return matches({ name: container.name, repo: repositoryOf(container.image) }) ? 'yes' : 'no'
  }
}

/** Conditions on the namespace are decided before the labels are known. */
function labelCondition(selector: LabelSelector | undefined): (pod: SelectablePod) => Selected {
  if (selector === undefined) return () => 'yes'
  const matches = labelMatcher(selector)
  const ofNamespace = namespaceConditions(selector)
  const mayMatch = labelMatcher(ofNamespace)
  const isEnough = conditionsOf(ofNamespace) === conditionsOf(selector)
  return ({ namespace, labels }) => {
    const own = { [namespaceLabel]: namespace }
    if (labels !== undefined) return matches({ ...labels, ...own }) ? 'yes' : 'no'
    if (!mayMatch(own)) return 'no'
    return isEnough ? 'yes' : 'unknown'
  }
}

function namespaceConditions({ path, matchLabels, matchExpressions }: LabelSelector) {
  const isNamespace = (key: string): boolean => key === namespaceLabel
  const equalities = Object.entries(matchLabels).filter(([key]) => isNamespace(key))
  return {
    path,
    matchLabels: Object.fromEntries(equalities),
    matchExpressions: matchExpressions.filter(({ key }) => isNamespace(key)),
  }
}

function conditionsOf({ matchLabels, matchExpressions }: LabelSelector): number {
  return Object.keys(matchLabels).length + matchExpressions.length
}

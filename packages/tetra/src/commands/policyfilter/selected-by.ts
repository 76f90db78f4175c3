import type { LabelCondition, NodeWorkload, WorkloadSelector } from '@tetragon-ts/api'
import { labelMatcher } from '@tetragon-ts/policy/labels'

/** Whether a selector selects a container, and the conditions that decide. */
export interface Selected {
  readonly answer: 'yes' | 'no' | 'unknown'
  readonly reasons: readonly string[]
}

/** The namespace of a pod, as a label that selectors may name. */
const namespaceLabel = 'k8s:io.kubernetes.pod.namespace'
/** Maximum number of values that a reason names. */
const shownMax = 5

/**
 * Explains what the agent has decided. The answer is that of the kernel's table; the reasons are
 * the conditions that are met, or those that are not.
 */
export function explainSelector(selector: WorkloadSelector, workload: NodeWorkload): Selected {
  const { set = 0 } = selector
  const { sets = [], unknown_sets: unknown = [] } = workload
  if (unknown.includes(set)) return { answer: 'unknown', reasons: [missingFact(workload)] }
  const isSelected = sets.includes(set)
  const conditions = conditionsOf(selector, workload)
  const reasons = conditions.filter(({ isMet }) => isMet === isSelected).map(({ text }) => text)
  return { answer: isSelected ? 'yes' : 'no', reasons }
}

function missingFact({ state, labels_known: known }: NodeWorkload): string {
  if (state === 'unknown') return 'the pod of the container is not known yet'
  return known ? 'not decided yet' : 'the labels of the pod are not known yet'
}

interface Condition {
  readonly text: string
  readonly isMet: boolean
}

function conditionsOf(selector: WorkloadSelector, workload: NodeWorkload): Condition[] {
  const { namespace: wanted = '', pods, containers, host = false } = selector
  if (workload.state === 'outside') return [{ text: 'it belongs to no pod', isMet: host }]
  if (wanted === '' && pods === undefined && containers === undefined) {
    return [{ text: 'only processes outside of pods are selected', isMet: false }]
  }
  const { namespace = '', container = '', repository = '' } = workload
  const labels = { ...workload.labels, [namespaceLabel]: namespace }
  const ofNamespace = { text: `namespace ${namespace}`, isMet: wanted === namespace }
  return [
    ...(wanted === '' ? [] : [ofNamespace]),
    ...labelReasons('pod label', pods?.conditions, labels),
    ...(containers === undefined ? [] : containerReasons(container, repository, containers)),
  ]
}

function containerReasons(
  name: string,
  repo: string,
  { conditions = [] }: { readonly conditions?: readonly LabelCondition[] },
): Condition[] {
  if (name !== '') return labelReasons('container', conditions, { name, repo })
  return [{ text: 'it is the sandbox of the pod', isMet: conditions.length === 0 }]
}

/** Conditions on labels; none: everything is selected. */
function labelReasons(
  what: string,
  conditions: readonly LabelCondition[] | undefined,
  labels: Readonly<Record<string, string>>,
): Condition[] {
  if (conditions?.length === 0) return [{ text: `any ${what}`, isMet: true }]
  return (conditions ?? []).map((condition) => labelReason(what, condition, labels))
}

function labelReason(
  what: string,
  { key = '', operator, values = [] }: LabelCondition,
  labels: Readonly<Record<string, string>>,
): Condition {
  const known = operators.find((each) => each === operator)
  const matches = labelMatcher({
    matchLabels: {},
    matchExpressions: known === undefined ? [] : [{ key, operator: known, values }],
  })
  const isMet = matches(labels)
  const own = Object.hasOwn(labels, key) ? `${key}=${labels[key]}` : `no ${key}`
  const isObvious = isMet && operator === 'In'
  return { text: `${what} ${own}${isObvious ? '' : ` (${operator}${listed(values)})`}`, isMet }
}

const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const

function listed(values: readonly string[]): string {
  if (values.length === 0) return ''
  const hidden = values.length - shownMax
  return ` ${values.slice(0, shownMax).join(', ')}${hidden > 0 ? `, … ${hidden} more` : ''}`
}

import type { LabelExpression, LabelSelector } from '../model/index.ts'

/** Labels of an object of the API, such as a pod or a node. */
export type Labels = Readonly<Record<string, string>>

type Condition = (label: string | undefined, values: ReadonlySet<string>) => boolean

/** Semantics of k8s.io/apimachinery/pkg/labels: `NotIn` also matches if the label is missing. */
const conditions = {
  In: (label, values) => label !== undefined && values.has(label),
  NotIn: (label, values) => label === undefined || !values.has(label),
  Exists: (label) => label !== undefined,
  DoesNotExist: (label) => label === undefined,
} as const satisfies Record<LabelExpression['operator'], Condition>

/**
 * Compiles a label selector, as in Kubernetes: all its conditions must match, so an empty selector
 * matches everything. An absent selector has no meaning here: it differs between its uses.
 */
export function labelMatcher({
  matchLabels,
  matchExpressions,
}: Pick<LabelSelector, 'matchLabels' | 'matchExpressions'>): (labels: Labels) => boolean {
  const equalities = Object.entries(matchLabels)
  const expressions = matchExpressions.map(({ key, operator, values }) => {
    return { key, matches: conditions[operator], values: new Set(values) }
  })
  return (labels) =>
    equalities.every(([key, value]) => labelOf(labels, key) === value) &&
    expressions.every(({ key, matches, values }) => matches(labelOf(labels, key), values))
}

/** A label may be named like a property that all objects have. */
function labelOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined
}

/** The name of an image without its tag and digest: the label `repo` of containers. */
export function repositoryOf(image: string): string {
  const [name] = image.split('@')
  const colon = name.lastIndexOf(':')
  // A colon before the last slash belongs to the port of the registry.
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name
}

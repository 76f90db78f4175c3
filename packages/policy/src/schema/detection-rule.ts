import { object, required, string } from '../fields/schema.ts'
import { policyColumns, policyStatusSchema } from './policy-status.ts'

/** Maximum number of characters of rules in an object: etcd stores 1.5 MiB. */
export const ruleTextMax = 1 << 19

const specSchema = object('DetectionRuleSpec', 'What to detect.', {
  rules: required(
    string(
      'Rules, filters and correlations in the format Sigma 2.1: YAML, one document after the other.',
      { minLength: 1, maxLength: ruleTextMax },
    ),
  ),
})

/** Detection rules in the API server. */
export const detectionRuleSchema = object(
  'DetectionRule',
  'Detection rules that all agents of the cluster evaluate.',
  {
    apiVersion: required(string('Version of the API.')),
    kind: required(string('Always DetectionRule.')),
    spec: required(specSchema),
    status: policyStatusSchema,
  },
)

/**
 * The kind in the API server. Rules are about all workloads of a node, so it has no namespace: a
 * rule that is about one has a condition on `process.pod.namespace`.
 */
export const detectionRuleKind = {
  kind: 'DetectionRule',
  plural: 'detectionrules',
  shortName: 'tgdr',
  scope: 'Cluster',
} as const

const shown = new Set(['Enabled', 'Failed', 'Pending', 'Nodes', 'Age'])

/** Columns of `kubectl get`: no node skips rules or disables them. */
export const detectionRuleColumns = policyColumns.filter(({ name }) => shown.has(name))

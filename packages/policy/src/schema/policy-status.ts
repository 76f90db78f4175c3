import { integer, list, object, oneOf, required, string } from '../fields/schema.ts'
import { ageColumn, type PrinterColumn } from './printer-column.ts'

const int32Max = 2 ** 31 - 1
const number = (doc: string) => integer(doc, 0, int32Max)

/** Maximum number of different errors in a status. */
export const statusErrorsMax = 10
/** Maximum number of nodes that are named for an error. */
export const errorNodesMax = 10

const conditionSchema = object('Condition', 'A condition as of other kinds.', {
  type: required(string('Enabled: on all nodes that are selected.')),
  status: required(oneOf('Whether it is met.', ['True', 'False', 'Unknown'])),
  observedGeneration: number('Generation of the policy that it is about.'),
  lastTransitionTime: string('When `status` last changed (RFC 3339).'),
  reason: string('Reason in one word.'),
  message: string('Reason in one sentence.'),
})

const errorSchema = object('PolicyError', 'An error, with nodes that have it.', {
  path: string('Where the error is in the policy, such as `spec.kprobes[0].call`.'),
  message: required(string('The error.')),
  nodes: number('Number of nodes with this error.'),
  nodeNames: list('Some of these nodes.', string('Name of a node.'), { maxItems: errorNodesMax }),
})

/** What `kubectl get` and `kubectl describe` show of a policy. */
export const policyStatusSchema = object(
  'PolicyStatus',
  'State of the policy on the nodes of the cluster, written by the operator.',
  {
    observedGeneration: number('Generation of the policy that the numbers are about.'),
    nodes: number('Nodes with an agent.'),
    enabled: number('Nodes on which the policy is enabled.'),
    failed: number('Nodes that cannot load it. An earlier version may be enabled there.'),
    skipped: number('Nodes that its nodeSelector does not select.'),
    disabled: number('Nodes on which a client of the agent has disabled it.'),
    pending: number('Nodes whose agent does not run or has not reported this generation yet.'),
    conditions: list('Conditions.', conditionSchema),
    errors: list('Different errors, those of most nodes first.', errorSchema, {
      maxItems: statusErrorsMax,
    }),
  },
)

const count = (name: string, description: string, priority?: number): PrinterColumn => ({
  name,
  type: 'integer',
  description,
  jsonPath: `.status.${name.toLowerCase()}`,
  ...(priority === undefined ? {} : { priority }),
})

/** Columns of `kubectl get`. */
export const policyColumns: readonly PrinterColumn[] = [
  count('Enabled', 'Nodes on which the policy is enabled.'),
  count('Failed', 'Nodes that cannot load it.'),
  count('Skipped', 'Nodes that its nodeSelector does not select.'),
  count('Pending', 'Nodes that have not reported this generation.'),
  count('Disabled', 'Nodes on which a client of the agent has disabled it.', 1),
  count('Nodes', 'Nodes with an agent.', 1),
  ageColumn,
]

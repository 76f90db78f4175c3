import { integer, list, object, required, string } from '../fields/schema.ts'
import { ageColumn, type PrinterColumn } from './printer-column.ts'

/** Characters that name a policy of a generation: 48 bits in base64. */
export const refLength = 8
/** Maximum number of policies in one state, and of errors, in a report of an agent. */
export const nodeStatusMax = { policies: 4096, errors: 32, path: 256, message: 512 } as const

const refs = (doc: string) =>
  string(doc, { maxLength: nodeStatusMax.policies * refLength, pattern: '^([A-Za-z0-9+/]{8})*$' })
const number = (doc: string) => integer(doc, 0, 2 ** 31 - 1)

const errorSchema = object('NodePolicyError', 'An error of a policy.', {
  policy: required(string('The policy and its generation.', { maxLength: refLength })),
  path: string('Where the error is in the policy.', { maxLength: nodeStatusMax.path }),
  message: required(string('The error.', { maxLength: nodeStatusMax.message })),
})

const statusSchema = object('NodePolicies', 'The policies of the API, by their state.', {
  enabled: refs('Enabled policies, each with its generation as 48 bits in base64.'),
  failed: refs('Policies that cannot be loaded.'),
  skipped: refs('Policies that do not select the node.'),
  disabled: refs('Policies that a client of the agent has disabled.'),
  errors: list('Errors of policies that cannot be loaded.', errorSchema, {
    maxItems: nodeStatusMax.errors,
  }),
  counts: object('NodePolicyCounts', 'Numbers of policies, including those that are not listed.', {
    enabled: number('Enabled policies.'),
    failed: number('Policies that cannot be loaded.'),
    skipped: number('Policies that do not select the node.'),
    disabled: number('Policies that a client of the agent has disabled.'),
  }),
})

/** What the agent of a pod reports; the object has the name of the pod. */
export const nodeStatusSchema = object(
  'TracingPolicyNodeStatus',
  'State of the policies on the node of an agent. It has the name of the pod of the agent.',
  {
    apiVersion: required(string('Version of the API.')),
    kind: required(string('Always TracingPolicyNodeStatus.')),
    status: statusSchema,
  },
)

/** The report of an agent: names of policies, and errors. */
export type NodeStatus = Readonly<Record<NodePolicyState, string>> & {
  readonly errors: readonly NodePolicyError[]
  readonly counts: Readonly<Record<NodePolicyState, number>>
}

/** An error of a policy on a node. */
export interface NodePolicyError {
  readonly policy: string
  /** Empty: of the whole policy. */
  readonly path: string
  readonly message: string
}

/** States of policies on a node. */
export const nodePolicyStates = ['enabled', 'failed', 'skipped', 'disabled'] as const
export type NodePolicyState = (typeof nodePolicyStates)[number]

/** The kind in the API server. */
export const nodeStatusKind = {
  kind: 'TracingPolicyNodeStatus',
  plural: 'tracingpolicynodestatuses',
  shortName: 'tgtpns',
  scope: 'Namespaced',
} as const

const count = (name: NodePolicyState): PrinterColumn => ({
  name: `${name[0].toUpperCase()}${name.slice(1)}`,
  type: 'integer',
  description: statusSchema.fields.counts.fields[name].doc,
  jsonPath: `.status.counts.${name}`,
})

/** Columns of `kubectl get`. */
export const nodeStatusColumns: readonly PrinterColumn[] = [
  ...nodePolicyStates.map(count),
  ageColumn,
]

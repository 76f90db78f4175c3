import { fields, list, text } from '@tetragon-ts/kubernetes'
import { errorNodesMax, type NodePolicyState, statusErrorsMax } from '@tetragon-ts/policy/status'
import type { AgentPod } from './agents.ts'
import type { WatchedPolicy } from './policies.ts'
import { type Report, stateIn } from './report.ts'

/** Maximum number of different errors of a policy that are counted. */
const countedErrorsMax = 1000

/** Nodes by the state of a policy. */
export type NodeCounts = Readonly<Record<NodePolicyState | 'nodes' | 'pending', number>>

interface StatusError {
  readonly path: string
  readonly message: string
  nodes: number
  readonly nodeNames: string[]
}

/** The status of a policy in the API, without times. */
export interface PolicyStatus extends NodeCounts {
  readonly observedGeneration: number
  readonly errors: readonly Readonly<StatusError>[]
  readonly condition: Condition
}

interface Condition {
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
}

/**
 * The status of a policy.
 * @param agents in the order of their nodes
 * @param reportOf the same object for equal reports
 */
export function policyStatus(
  { ref, generation }: WatchedPolicy,
  agents: readonly AgentPod[],
  reportOf: (pod: string) => Report | undefined,
): PolicyStatus {
  const counts = {
    nodes: agents.length,
    enabled: 0,
    failed: 0,
    skipped: 0,
    disabled: 0,
    pending: 0,
  }
  const states = new Map<Report, NodePolicyState | undefined>()
  const errors = new Map<string, StatusError>()
  for (const { name, node, isReady } of agents) {
    const report = isReady ? reportOf(name) : undefined
    if (report !== undefined && !states.has(report)) states.set(report, stateIn(report, ref))
    const state = report && states.get(report)
    counts[state ?? 'pending']++
    if (report !== undefined && state === 'failed') countErrors(errors, report, ref, node)
  }
  const sorted = [...errors.values()].sort((a, b) => b.nodes - a.nodes)
  const shown = sorted.slice(0, statusErrorsMax)
  const condition = conditionOf(counts, sorted[0])
  return { observedGeneration: generation, ...counts, errors: shown, condition }
}

function countErrors(
  errors: Map<string, StatusError>,
  report: Report,
  ref: string,
  node: string,
): void {
  for (const { policy, path, message } of report.errors) {
    if (policy !== ref) continue
    const key = JSON.stringify([path, message])
    const known = errors.get(key)
    if (known !== undefined) {
      known.nodes++
      if (known.nodeNames.length < errorNodesMax) known.nodeNames.push(node)
    } else if (errors.size < countedErrorsMax) {
      errors.set(key, { path, message, nodes: 1, nodeNames: [node] })
    }
  }
}

function conditionOf(counts: NodeCounts, error: StatusError | undefined): Condition {
  const { nodes, enabled, failed, skipped, disabled, pending } = counts
  const message = `enabled on ${enabled} of ${nodes - skipped} selected nodes`
  if (failed > 0) {
    const first = error === undefined ? '' : `: ${error.message}`
    const reason = 'Failed'
    return { status: 'False', reason, message: `${message}; failed on ${failed}${first}` }
  }
  if (disabled > 0) {
    return { status: 'False', reason: 'Disabled', message: `${message}; disabled on ${disabled}` }
  }
  if (nodes === 0) return { status: 'Unknown', reason: 'NoAgents', message: 'no agent runs' }
  if (pending > 0) {
    return { status: 'Unknown', reason: 'Pending', message: `${message}; pending on ${pending}` }
  }
  return { status: 'True', reason: skipped === nodes ? 'NotSelected' : 'Enabled', message }
}

/** The field `status` of the object. @param stored the one that it replaces, of any content */
export function statusObject(
  { condition, errors, ...counts }: PolicyStatus,
  stored: unknown,
  now: Date,
): object {
  const type = 'Enabled'
  const conditions = list(fields(stored).conditions).map(fields)
  const before = conditions.find((each) => each.type === type)
  const since = before?.status === condition.status ? text(before.lastTransitionTime) : ''
  const { observedGeneration } = counts
  return {
    ...counts,
    conditions: [
      {
        type,
        ...condition,
        observedGeneration,
        lastTransitionTime: since || now.toISOString().replace(/\.\d+/, ''),
      },
    ],
    ...(errors.length > 0 && { errors }),
  }
}

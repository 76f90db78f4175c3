import {
  errorLines,
  type NodePolicyError,
  type NodePolicyState,
  type NodeStatus,
  nodePolicyStates,
  nodeStatusMax,
} from '@tetragon-ts/policy/status'
import type { PolicyEntry } from '../../registry/policy-entry.ts'

/** A policy of the API with its state on this node. */
export interface ReportedPolicy {
  /** Its name in reports. */
  readonly ref: string
  readonly state: NodePolicyState
  readonly error: string
}

/** The state for reports; undefined while it changes. */
export function reportedState({ state, error }: PolicyEntry): NodePolicyState | undefined {
  switch (state) {
    case 'TP_STATE_LOADING':
    case 'TP_STATE_UNLOADING':
      return undefined
    case 'TP_STATE_SKIPPED':
      return 'skipped'
    case 'TP_STATE_ENABLED':
      // After a mistake in an edit, the version before is loaded.
      return error === '' ? 'enabled' : 'failed'
    case 'TP_STATE_DISABLED':
      return error === '' ? 'disabled' : 'failed'
    default:
      return 'failed'
  }
}

/** The report of an agent. It is the same text for the same states, whatever their order. */
export function nodeStatusOf(policies: readonly ReportedPolicy[]): NodeStatus {
  const sorted = policies.toSorted((a, b) => (a.ref < b.ref ? -1 : 1))
  const of = (state: NodePolicyState) => sorted.filter((each) => each.state === state)
  const refs = nodePolicyStates.map((state) => [state, refsOf(of(state))] as const)
  const counts = nodePolicyStates.map((state) => [state, of(state).length] as const)
  return {
    ...(Object.fromEntries(refs) as Record<NodePolicyState, string>),
    counts: Object.fromEntries(counts) as Record<NodePolicyState, number>,
    errors: errorsOf(of('failed')),
  }
}

function refsOf(policies: readonly ReportedPolicy[]): string {
  const listed = policies.slice(0, nodeStatusMax.policies)
  return listed.map(({ ref }) => ref).join('')
}

/** The first error of each policy, then the second ones: one policy must not hide others. */
function errorsOf(policies: readonly ReportedPolicy[]): NodePolicyError[] {
  const all = policies.flatMap(({ ref, error }) =>
    errorLines(error).map((line, index) => ({ policy: ref, index, ...line })),
  )
  return all
    .sort((a, b) => a.index - b.index)
    .slice(0, nodeStatusMax.errors)
    .map(({ policy, path, message }) => ({
      policy,
      path: shortened(path, nodeStatusMax.path),
      message: shortened(message, nodeStatusMax.message),
    }))
}

/** Half a character at the end would be another one in the API server. */
function shortened(text: string, max: number): string {
  return Buffer.from(text.slice(0, max)).toString()
}

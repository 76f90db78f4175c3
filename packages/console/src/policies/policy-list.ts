import type { ListTracingPoliciesResponse, TracingPolicyStatus } from '@tetragon-ts/api'
import type { Answer } from '../page/call.ts'

/** A policy on one node. */
export interface PolicyOnNode {
  readonly node: string
  readonly status: TracingPolicyStatus
}

/** A policy, with its state on each node that has it. */
export interface ListedPolicy {
  /** Domain, namespace and name. */
  readonly key: string
  readonly name: string
  readonly namespace: string
  readonly domain: string
  readonly nodes: readonly PolicyOnNode[]
}

type PolicyName = Pick<TracingPolicyStatus, 'domain' | 'namespace' | 'name'>

/** An agent that did not answer. */
export interface MissingAgent {
  readonly node: string
  readonly reason: string
}

/** The policies of all agents by their names, and the agents that did not answer. */
export function listPolicies(answers: readonly Answer<ListTracingPoliciesResponse>[]): {
  readonly policies: readonly ListedPolicy[]
  readonly missing: readonly MissingAgent[]
} {
  const byKey = new Map<string, ListedPolicy & { readonly nodes: PolicyOnNode[] }>()
  const missing: MissingAgent[] = []
  for (const { node, response, failure } of answers) {
    if (failure !== undefined) missing.push({ node, reason: failure })
    for (const status of response?.policies ?? []) {
      const { name = '', namespace = '', domain = '' } = status
      const key = keyOf(status)
      const listed = byKey.get(key) ?? { key, name, namespace, domain, nodes: [] }
      byKey.set(key, listed)
      listed.nodes.push({ node, status })
    }
  }
  const policies = [...byKey.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  return { policies, missing }
}

/** Whether a policy enforces on at least one node. */
export function isEnforced({ nodes }: ListedPolicy): boolean {
  return nodes.some(({ status }) => status.mode === 'TP_MODE_ENFORCE')
}

/** Identifies a policy of a cluster. */
export function keyOf({ domain = '', namespace = '', name = '' }: PolicyName): string {
  return JSON.stringify([domain, namespace, name])
}

/** What policies have done, by action; only what happened at least once. */
export function actionCounts(nodes: readonly PolicyOnNode[]): Readonly<Record<string, bigint>> {
  const sums: Record<string, bigint> = {}
  for (const { status } of nodes) {
    for (const [action, count] of Object.entries(status.stats?.action_counters ?? {})) {
      const sum = (sums[action] ?? 0n) + BigInt(count)
      if (sum > 0n) sums[action] = sum
    }
  }
  return sums
}

/** A state as a word: `enabled`, `load error`. */
export function stateText({ state = 'TP_STATE_UNKNOWN' }: TracingPolicyStatus): string {
  return String(state).replace('TP_STATE_', '').replaceAll('_', ' ').toLowerCase()
}

/** A mode as a word: `enforce`, `monitor`. */
export function modeText({ mode = 'TP_MODE_UNKNOWN' }: TracingPolicyStatus): string {
  return String(mode).replace('TP_MODE_', '').replaceAll('_', ' ').toLowerCase()
}

/** Whether something is wrong with a policy, so that it deserves attention. */
export function isInTrouble({ state, error = '' }: TracingPolicyStatus): boolean {
  const bad = ['TP_STATE_LOAD_ERROR', 'TP_STATE_ERROR', 'TP_STATE_PARTIALLY_ENABLED']
  return error !== '' || bad.includes(String(state))
}

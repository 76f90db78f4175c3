import {
  escapeUnprintable,
  type ListTracingPoliciesResponse,
  type TracingPolicyStatus,
} from '@tetragon-ts/api'
import type { AgentAnswer } from '../../connection/agents.ts'
import { humanBytes, tableLines } from '../../table.ts'
import { actionCounts, shortEnum } from './policy-table.ts'

const heads = [
  ...['NAME', 'NAMESPACE', 'DOMAIN', 'NODES', 'STATE', 'KERNELMEMORY', 'MODE'],
  ...['NPOST', 'NENFORCE', 'NMONITOR'],
]
const gap = '   '
/** Maximum number of nodes that a line names. */
const shownMax = 10
/** State of a policy on nodes that do not have it. */
const absent = 'absent'

/** A policy on a node. */
interface OnNode {
  readonly node: string
  readonly policy: TracingPolicyStatus
}

/**
 * The policies of several nodes: on how many of them each is, and in which state. Nodes where it
 * is in another state than on most are listed below it, and so are nodes without an answer.
 */
export function nodesTable(answers: readonly AgentAnswer<ListTracingPoliciesResponse>[]): string {
  const nodes = answers.flatMap(({ node, response }) => (response ? [node] : []))
  const policies = new Map<string, OnNode[]>()
  for (const { node, response } of answers) {
    for (const policy of response?.policies ?? []) {
      const key = JSON.stringify([policy.name, policy.namespace, policy.domain])
      append(policies, key, { node, policy })
    }
  }
  const shown = [...policies.values()].map((each) => new PolicyOnNodes(each, nodes))
  const [head, ...lines] = tableLines([heads, ...shown.map((each) => each.row)])
  const text = [head, ...shown.flatMap((each, i) => [lines[i], ...each.differences])]
  for (const { node, failure } of answers) {
    if (failure !== undefined) text.push(`missing: node ${node}: ${firstLine(failure)}`)
  }
  return text.map((line) => `${escapeUnprintable(line)}\n`).join('')
}

/** One policy on all nodes. */
class PolicyOnNodes {
  readonly #all: readonly OnNode[]
  readonly #nodes: readonly string[]
  /** Nodes by state: the most frequent first, those that do not have it last. */
  readonly #states: readonly (readonly [state: string, nodes: readonly string[]])[]

  constructor(all: readonly OnNode[], nodes: readonly string[]) {
    this.#all = all
    this.#nodes = nodes
    const stateOf = new Map(all.map(({ node, policy }) => [node, stateOfPolicy(policy)]))
    const states = new Map<string, string[]>()
    for (const node of nodes) {
      append(states, stateOf.get(node) ?? absent, node)
    }
    const rank = (state: string, { length }: readonly string[]) => (state === absent ? 0 : length)
    this.#states = [...states].sort((a, b) => rank(...b) - rank(...a))
  }

  get row(): string[] {
    const policies = this.#all.map(({ policy }) => policy)
    const [{ name = '', namespace, domain = '' }] = policies
    const [[state, { length }]] = this.#states
    const modes = new Set(policies.map(({ mode }) => shortEnum(mode, 'TP_MODE_')))
    const memory = policies.reduce((sum, each) => sum + Number(each.kernel_memory_bytes ?? 0), 0)
    return [
      ...[name, namespace || '(global)', domain, `${length}/${this.#nodes.length}`, state],
      ...[humanBytes(memory), [...modes].join(',')],
      ...actionCounts(policies),
    ]
  }

  /** Nodes in other states, and the errors of all. */
  get differences(): string[] {
    const others = this.#states.slice(1).map(([state, nodes]) => {
      return `${gap}${state} on ${nodes.length}: ${names(nodes)}`
    })
    const errors = new Map<string, string[]>()
    for (const { node, policy } of this.#all) {
      if (policy.error) append(errors, policy.error, node)
    }
    const texts = [...errors].flatMap(([error, nodes]) => {
      const [first, ...rest] = error.split('\n')
      return [`${gap}on ${names(nodes)}: ${first}`, ...rest.map((line) => gap + gap + line)]
    })
    return [...others, ...texts]
  }
}

/** Adds a value to the list of a key. */
function append<Value>(lists: Map<string, Value[]>, key: string, value: Value): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}

function stateOfPolicy({ state }: TracingPolicyStatus): string {
  return shortEnum(state, 'TP_STATE_')
}

function names(nodes: readonly string[]): string {
  const hidden = nodes.length - shownMax
  const shown = nodes.slice(0, shownMax).join(', ')
  return hidden > 0 ? `${shown} and ${hidden} more` : shown
}

function firstLine(text: string): string {
  return text.split('\n')[0]
}

import {
  escapeUnprintable,
  type GetWorkloadsResponse,
  type NodeWorkload,
  type PolicyWorkloads,
  type WorkloadSelector,
} from '@tetragon-ts/api'
import type { ValuesOf } from '@tetragon-ts/service/options'
import { agentsOptions } from '../../agents/agents-options.ts'
import { openAgents } from '../../agents/open-agents.ts'
import type { Streams } from '../../command.ts'
import { jsonLine } from '../../json-text.ts'
import { outputOption } from '../../output-option.ts'
import { tableLines } from '../../table.ts'
import { explainSelector, type Selected } from './selected-by.ts'

/** The options of the commands that ask the agents about workloads. */
export const filterOptions = {
  output: outputOption('one object per container and selector, and line'),
  ...agentsOptions,
} as const

/** Whether a policy, or a selector of it, applies to a container. */
export interface FilterAnswer extends Selected {
  readonly node?: string
  readonly policy: string
  readonly policyNamespace: string
  readonly domain: string
  /** `spec`, or the selector. */
  readonly selector: string
  readonly namespace: string
  readonly pod: string
  readonly container: string
  readonly containerId: string
}

/** Asks the agents, and prints the answers that are found in each response. */
export async function printAnswers(
  values: ValuesOf<typeof filterOptions>,
  streams: Streams,
  find: (response: GetWorkloadsResponse) => FilterAnswer[],
  columns: readonly (readonly [head: string, cell: (answer: FilterAnswer) => string])[],
): Promise<{ readonly code: number; readonly count: number }> {
  using agents = await openAgents(values, streams)
  const answers = await agents.call('GetWorkloads', {})
  const found = answers.flatMap(({ node, response }) => {
    if (response === undefined) return []
    return find(response).map((each) => (agents.hasNodes ? { node, ...each } : each))
  })
  if (values.output === 'json') {
    streams.stdout.write(found.map(jsonLine).join(''))
  } else if (found.length > 0) {
    const all = agents.hasNodes ? [nodeColumn, ...columns] : columns
    const rows = found.map((answer) => all.map(([, cell]) => cell(answer)))
    const lines = tableLines([all.map(([head]) => head), ...rows])
    streams.stdout.write(lines.map((line) => `${line}\n`).join(''))
  }
  const missing = answers.filter(({ failure }) => failure !== undefined)
  for (const { node, failure } of missing) {
    streams.stderr.write(`tetra: missing: node ${escapeUnprintable(`${node}: ${failure}`)}\n`)
  }
  return { code: missing.length > 0 ? 1 : 0, count: found.length }
}

const nodeColumn = ['NODE', ({ node = '' }: FilterAnswer): string => node] as const

/** The answers of a policy for a container: one for the policy, and one for each selector. */
export function answersOf(policy: PolicyWorkloads, workload: NodeWorkload): FilterAnswer[] {
  const { selectors = [] } = policy
  const isLimited = selectors.some(({ path }) => path === 'spec')
  const all = isLimited ? selectors : [undefined, ...selectors]
  return all.map((selector) => ({
    policy: policy.name ?? '',
    policyNamespace: policy.namespace ?? '',
    domain: policy.domain ?? '',
    selector: selector?.path ?? 'spec',
    namespace: workload.namespace ?? '',
    pod: workload.pod ?? '',
    container: workload.container ?? '',
    containerId: workload.container_id ?? '',
    ...selected(selector, workload),
  }))
}

function selected(selector: WorkloadSelector | undefined, workload: NodeWorkload): Selected {
  if (selector !== undefined) return explainSelector(selector, workload)
  return { answer: 'yes', reasons: ['it applies to all processes'] }
}

/** Reasons in a cell of a table. */
export function reasonsCell({ reasons }: FilterAnswer): string {
  return reasons.join(', ')
}

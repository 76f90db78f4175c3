import { escapeUnprintable, type ListTracingPoliciesResponse } from '@tetragon-ts/api'
import { flag, text } from '@tetragon-ts/service/options'
import { agentsOptions } from '../../agents/agents-options.ts'
import { openAgents } from '../../agents/open-agents.ts'
import type { AgentAnswer } from '../../connection/agents.ts'
import { connectionOptions } from '../../connection/connection-options.ts'
import { withAgent } from '../../connection/with-agent.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonLine } from '../../json-text.ts'
import { outputOption } from '../../output-option.ts'
import { nodesTable } from './nodes-table.ts'
import { policyTable } from './policy-table.ts'

const output = outputOption()

/** `tetra tracingpolicy list` */
export const list = defineCommand({
  name: 'list',
  parent: 'tracingpolicy',
  summary: 'Show the policies of the agent, their states and counters',
  description:
    'Policies that the agent makes for detection rules are in `tetra rules status`.\n' +
    'With --cluster, policies are those of all nodes, and nodes that differ are named. The exit code\n' +
    'is 1 if an agent does not answer.',
  options: {
    output,
    domain: text({ value: 'NAME', help: 'Only policies of this domain' }),
    rules: flag({ help: 'Also the policies that detection rules need' }),
    ...agentsOptions,
  },
  examples: [
    ['tetra tracingpolicy list', 'All policies'],
    ['tetra --cluster tracingpolicy list', 'On how many nodes of a cluster each policy is enabled'],
    [`tetra tp list -o json | jq '.policies[].hook_statuses'`, 'Each hook and its back end'],
  ],
  run: async ({ values, streams }) => {
    const { domain, rules } = values
    using agents = await openAgents(values, streams)
    const answers = await agents.call('ListTracingPolicies', { domain, rules })
    const isJson = values.output === 'json'
    if (agents.hasNodes) {
      streams.stdout.write(
        isJson ? jsonLine({ nodes: answers.map(nodeJson) }) : nodesTable(answers),
      )
      return answers.some(({ failure }) => failure !== undefined) ? 1 : 0
    }
    for (const { response } of answers) {
      streams.stdout.write(isJson ? jsonLine(response) : policyTable(response?.policies ?? []))
    }
    return 0
  },
})

function nodeJson({ node, response, failure }: AgentAnswer<ListTracingPoliciesResponse>): object {
  return failure === undefined ? { node, ...response } : { node, error: failure }
}

/** `tetra tracingpolicy domains` */
export const domains = defineCommand({
  name: 'domains',
  parent: 'tracingpolicy',
  summary: 'Show the domains of the loaded policies',
  options: { output, ...connectionOptions },
  examples: [['tetra tracingpolicy domains', 'All domains']],
  run: async ({ values, streams }) => {
    const response = await withAgent(values, (agent) => agent.call('ListDomains', {}))
    const isJson = values.output === 'json'
    const names = (response.domains ?? []).map(escapeUnprintable)
    streams.stdout.write(isJson ? jsonLine(response) : `[${names.join(' ')}]\n`)
    return 0
  },
})

import { escapeUnprintable } from '@tetragon-ts/api'
import { connectionOptions } from '../../connection/connection-options.ts'
import { withAgent } from '../../connection/with-agent.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonLine } from '../../json-text.ts'
import { takeOperands } from '../operands.ts'
import { policyTable } from './policy-table.ts'

const output = {
  kind: 'text',
  short: 'o',
  value: 'FORMAT',
  default: 'text',
  choices: ['text', 'json'],
  help: 'Output format',
} as const

/** `tetra tracingpolicy list` */
export const list = defineCommand({
  name: 'list',
  parent: 'tracingpolicy',
  summary: 'Show the policies of the agent, their states and counters',
  options: {
    output,
    domain: { kind: 'text', value: 'NAME', default: '', help: 'Only policies of this domain' },
    ...connectionOptions,
  },
  examples: [
    ['tetra tracingpolicy list', 'All policies'],
    [`tetra tp list -o json | jq '.policies[].hook_statuses'`, 'Each hook and its back end'],
  ],
  run: async ({ values, operands, streams }) => {
    takeOperands(operands, [])
    const { domain } = values
    const response = await withAgent(values, (agent) => {
      return agent.call('ListTracingPolicies', { domain })
    })
    const isJson = values.output === 'json'
    streams.stdout.write(isJson ? jsonLine(response) : policyTable(response.policies ?? []))
    return 0
  },
})

/** `tetra tracingpolicy domains` */
export const domains = defineCommand({
  name: 'domains',
  parent: 'tracingpolicy',
  summary: 'Show the domains of the loaded policies',
  options: { output, ...connectionOptions },
  examples: [['tetra tracingpolicy domains', 'All domains']],
  run: async ({ values, operands, streams }) => {
    takeOperands(operands, [])
    const response = await withAgent(values, (agent) => agent.call('ListDomains', {}))
    const isJson = values.output === 'json'
    const names = (response.domains ?? []).map(escapeUnprintable)
    streams.stdout.write(isJson ? jsonLine(response) : `[${names.join(' ')}]\n`)
    return 0
  },
})

import { escapeUnprintable, type GetHealthStatusResponse } from '@tetragon-ts/api'
import { agentsOptions } from '../agents/agents-options.ts'
import { openAgents } from '../agents/open-agents.ts'
import type { Command } from '../command.ts'
import type { AgentAnswer } from '../connection/agents.ts'
import { defineCommand } from '../define-command.ts'
import { tableLines } from '../table.ts'

/** `tetra status` */
export const status: Command = defineCommand({
  name: 'status',
  summary: 'Show the health of the agent',
  description: 'The exit code is 0 only if the agent is running; with --cluster, all agents.',
  options: agentsOptions,
  examples: [
    ['tetra status', 'The agent of this machine'],
    [
      'tetra status --server-address node1:54321 --tls-ca-cert-files ca.pem',
      'The same of another machine',
    ],
    ['tetra --cluster status', 'The agents of all nodes of a cluster'],
  ],
  run: async ({ values, streams }) => {
    const request = { event_set: ['HEALTH_STATUS_TYPE_STATUS'] }
    using agents = await openAgents(values, streams)
    const answers = await agents.call('GetHealth', request)
    streams.stdout.write(agents.hasNodes ? healthTable(answers) : answers.map(lines).join(''))
    return answers.every(isRunning) ? 0 : 1
  },
})

type Answer = AgentAnswer<GetHealthStatusResponse>

function isRunning({ response }: Answer): boolean {
  const { health_status: all = [] } = response ?? { health_status: [{}] }
  return all.every(({ status }) => status === 'HEALTH_STATUS_RUNNING')
}

function lines({ response }: Answer): string {
  return detailsOf(response)
    .map((details) => `Health Status: ${escapeUnprintable(details)}\n`)
    .join('')
}

function detailsOf(response: GetHealthStatusResponse | undefined): string[] {
  return (response?.health_status ?? []).map(({ details = '' }) => details)
}

function healthTable(answers: readonly Answer[]): string {
  const rows = answers.map(({ node, response, failure }) => [
    node,
    failure ?? detailsOf(response).join(', '),
  ])
  return tableLines([['NODE', 'HEALTH'], ...rows])
    .map((line) => `${line}\n`)
    .join('')
}

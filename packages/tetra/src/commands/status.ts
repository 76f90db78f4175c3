import { escapeUnprintable } from '@tetragon-ts/api'
import type { Command } from '../command.ts'
import { connectionOptions } from '../connection/connection-options.ts'
import { withAgent } from '../connection/with-agent.ts'
import { defineCommand } from '../define-command.ts'
import { takeOperands } from './operands.ts'

/** `tetra status` */
export const status: Command = defineCommand({
  name: 'status',
  summary: 'Show the health of the agent',
  description: 'The exit code is 0 only if the agent is running.',
  options: connectionOptions,
  examples: [
    ['tetra status', 'The agent of this machine'],
    [
      'tetra status --server-address node1:54321 --tls-ca-cert-files ca.pem',
      'The same of another machine',
    ],
  ],
  run: async ({ values, operands, streams }) => {
    takeOperands(operands, [])
    const request = { event_set: ['HEALTH_STATUS_TYPE_STATUS'] }
    const { health_status = [] } = await withAgent(values, (agent) => {
      return agent.call('GetHealth', request)
    })
    for (const { details = '' } of health_status) {
      streams.stdout.write(`Health Status: ${escapeUnprintable(details)}\n`)
    }
    return health_status.every(({ status }) => status === 'HEALTH_STATUS_RUNNING') ? 0 : 1
  },
})

import type { Command } from '../command.ts'
import { connectionOptions } from '../connection/connection-options.ts'
import { withAgent } from '../connection/with-agent.ts'
import { defineCommand } from '../define-command.ts'
import { jsonLines } from '../json-text.ts'

/** `tetra info` */
export const info: Command = defineCommand({
  name: 'info',
  summary: 'Show version, build, kernel features and settings of the agent as JSON',
  options: connectionOptions,
  examples: [['tetra info | jq .probes', 'The features of the kernel']],
  run: async ({ values, streams }) => {
    const response = await withAgent(values, (agent) => agent.call('GetInfo', {}))
    streams.stdout.write(jsonLines(response))
    return 0
  },
})

import { readFile } from 'node:fs/promises'
import type { Command } from '../command.ts'
import { connectionOptions } from '../connection/connection-options.ts'
import { withAgent } from '../connection/with-agent.ts'
import { defineCommand } from '../define-command.ts'
import { takeOperands } from './operands.ts'

/** `tetra version` */
export const version: Command = defineCommand({
  name: 'version',
  summary: 'Show the version of tetra, or of the agent',
  options: {
    server: { kind: 'flag', short: 's', help: 'Ask the agent for its version as well' },
    ...connectionOptions,
  },
  examples: [['tetra version -s', 'Both versions']],
  run: async ({ values, operands, streams }) => {
    takeOperands(operands, [])
    const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
    const { version: number } = JSON.parse(text) as { version: string }
    streams.stdout.write(`CLI version: ${number}\n`)
    if (!values.server) return 0
    const response = await withAgent(values, (agent) => agent.call('GetVersion', {}))
    streams.stdout.write(`Server version: ${response.version}\n`)
    return 0
  },
})

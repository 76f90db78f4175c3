import { escapeUnprintable } from '@tetragon-ts/api'
import { flag } from '@tetragon-ts/service/options'
import type { Command } from '../command.ts'
import { connectionOptions } from '../connection/connection-options.ts'
import { ownVersion } from '../connection/own-version.ts'
import { withAgent } from '../connection/with-agent.ts'
import { defineCommand } from '../define-command.ts'

/** `tetra version` */
export const version: Command = defineCommand({
  name: 'version',
  summary: 'Show the version of tetra, or of the agent',
  options: {
    build: flag({ short: 'b', help: 'Include commit, time and runtime of the build' }),
    server: flag({ short: 's', help: 'Include the version of the agent' }),
    ...connectionOptions,
  },
  examples: [
    ['tetra version -s', 'Both versions'],
    ['tetra version -s -b', 'Both builds, for a bug report'],
  ],
  run: async ({ values, streams }) => {
    const { stdout } = streams
    stdout.write(`CLI version: ${ownVersion()}\n`)
    if (values.build) {
      stdout.write(`CLI runs on: Node.js ${process.version}, ${process.platform} ${process.arch}\n`)
    }
    if (!values.server) return 0
    const { version: server, build } = await withAgent(values, async (agent) => {
      if (values.build) return agent.call('GetInfo', {})
      return { ...(await agent.call('GetVersion', {})), build: undefined }
    })
    stdout.write(`Server version: ${escapeUnprintable(server ?? '')}\n`)
    if (!values.build) return 0
    const facts = Object.entries(build ?? {}).filter(([, value]) => value !== '')
    if (facts.length === 0) stdout.write('Server build: not reported by the agent\n')
    for (const [name, value] of facts)
      stdout.write(`Server build ${name}: ${escapeUnprintable(String(value))}\n`)
    return 0
  },
})

import type { Command } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import { findAmong } from '../dispatch.ts'
import { commandHelp, rootHelp } from '../help.ts'
import { UsageError } from '../usage-error.ts'

/** `tetra help [COMMAND]` */
export const help: Command = defineCommand({
  name: 'help',
  summary: 'Show help for tetra or one of its commands',
  operands: '[COMMAND]',
  examples: [['tetra help tracingpolicy add', 'Options and examples of a command']],
  options: {},
  run: async ({ operands, streams }) => {
    // The registry lists this file too, so it is there only when the command runs.
    const { commands } = await import('../registry.ts')
    let found: Command | undefined
    for (const name of operands) {
      if (found !== undefined && found.commands === undefined) {
        throw new UsageError(`${found.name} has no command "${name}"`)
      }
      found = findAmong(found?.commands ?? commands, name)
    }
    streams.stdout.write(found === undefined ? rootHelp(commands) : commandHelp(found))
    return 0
  },
})

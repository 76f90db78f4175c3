import type { Command } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import { commandHelp, rootHelp } from '../help.ts'

/** `tetra help [COMMAND]` */
export const help: Command = defineCommand({
  name: 'help',
  summary: 'Show help for tetra or one of its commands',
  operands: '[COMMAND]',
  options: {},
  run: async ({ operands, streams }) => {
    // The registry lists this file too, so it is there only when the command runs.
    const { commands, findCommand } = await import('../registry.ts')
    const [name] = operands
    streams.stdout.write(name === undefined ? rootHelp(commands) : commandHelp(findCommand(name)))
    return 0
  },
})

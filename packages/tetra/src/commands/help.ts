import type { Command } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import { findAmong } from '../dispatch.ts'
import { commandHelp, rootHelp } from '../help.ts'
import { UsageError } from '../usage-error.ts'

/**
 * `tetra help [COMMAND]`
 * @param commands all commands, of which it is one
 */
export const help = (commands: () => readonly Command[]): Command =>
  defineCommand({
    name: 'help',
    summary: 'Show help for tetra or one of its commands',
    operands: '[COMMAND...]',
    examples: [['tetra help tracingpolicy add', 'Options and examples of a command']],
    options: {},
    run: async ({ operands, streams }) => {
      const all = commands()
      let found: Command | undefined
      for (const name of operands) {
        if (found !== undefined && found.commands === undefined) {
          throw new UsageError(`${found.name} has no command "${name}"`)
        }
        found = findAmong(found?.commands ?? all, name)
      }
      streams.stdout.write(found === undefined ? rootHelp(all) : commandHelp(found))
      return 0
    },
  })

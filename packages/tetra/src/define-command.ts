import type { Command, CommandDefinition, Options } from './command.ts'
import { commandHelp } from './help.ts'
import { parseOptions } from './parse-options.ts'

/** Makes a command of its declaration: adds the parsing of its options and its help text. */
export function defineCommand<const O extends Options>(definition: CommandDefinition<O>): Command {
  const command: Command = {
    ...definition,
    run: async (argv, streams) => {
      const { values, operands, help } = parseOptions(argv, definition.options)
      if (help) {
        streams.stdout.write(commandHelp(command))
        return 0
      }
      return definition.run({ values, operands, streams })
    },
  }
  return command
}

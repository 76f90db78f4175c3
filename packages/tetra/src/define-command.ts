import type { Command, CommandDefinition, Option, Options } from './command.ts'
import { connectionOptions } from './connection/connection-options.ts'
import { commandHelp } from './help.ts'
import { parseOptions } from './parse-options.ts'

/** Scripts may pass these to any command; those without an agent ignore them. */
const accepted: Options = Object.fromEntries(
  Object.entries<Option>(connectionOptions).map(([name, option]) => [
    name,
    { ...option, hidden: true },
  ]),
)

/** Creates a command from its declaration: adds option parsing and the help text. */
export function defineCommand<const O extends Options>(definition: CommandDefinition<O>): Command {
  const options: O = { ...accepted, ...definition.options }
  const command: Command = {
    ...definition,
    options,
    run: async (argv, streams) => {
      const { values, operands, help } = parseOptions(argv, options)
      if (help) {
        streams.stdout.write(commandHelp(command))
        return 0
      }
      return definition.run({ values, operands, streams })
    },
  }
  return command
}

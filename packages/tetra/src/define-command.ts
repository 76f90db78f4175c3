import { type Options, wrongOperands } from '@tetragon-ts/service/options'
import type { Command, CommandDefinition } from './command.ts'
import { connectionOptions } from './connection/connection-options.ts'
import { commandHelp } from './help.ts'
import { parseOptions } from './parse-options.ts'
import { UsageError } from './usage-error.ts'

/** Scripts may pass these to any command; those without an agent ignore them. */
const accepted: Options = Object.fromEntries(
  Object.entries(connectionOptions).map(([name, option]) => [name, { ...option, hidden: true }]),
)

/** Creates a command from its declaration: adds option parsing and the help text. */
export function defineCommand<const O extends Options>(definition: CommandDefinition<O>): Command {
  const options: O = { ...accepted, ...definition.options }
  const { operands: usage = '', leftOut } = definition
  const command: Command = {
    ...definition,
    options,
    run: async (argv, streams) => {
      const { values, operands, help } = parseOptions(argv, options)
      if (help) {
        streams.stdout.write(commandHelp(command))
        return 0
      }
      // One without function fails with the reason.
      const wrong = leftOut === undefined ? wrongOperands(usage, operands) : undefined
      if (wrong !== undefined) throw new UsageError(wrong)
      return definition.run({ values, operands, streams })
    },
  }
  return command
}

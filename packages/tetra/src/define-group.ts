import type { Command } from './command.ts'
import { dispatch } from './dispatch.ts'
import { commandHelp } from './help.ts'

/** Makes a command whose parts are commands: `tetra GROUP COMMAND`. */
export function defineGroup(
  definition: Omit<Command, 'run' | 'options' | 'commands'> & { commands: readonly Command[] },
): Command {
  const group: Command = {
    ...definition,
    options: {},
    run: (argv, streams) => {
      return dispatch(definition.commands, argv, streams, () => commandHelp(group))
    },
  }
  return group
}

import type { Command } from './command.ts'
import { dispatch } from './dispatch.ts'
import { commandHelp } from './help.ts'

type GroupDefinition = Omit<Command, 'run' | 'options' | 'commands'> & {
  readonly commands: readonly Command[]
}

/** Makes a command whose parts are commands: `tetra GROUP COMMAND`. */
export function defineGroup(definition: GroupDefinition): Command {
  const group: Command = {
    ...definition,
    options: {},
    run: (argv, streams) => {
      return dispatch(definition.commands, argv, streams, { help: () => commandHelp(group) })
    },
  }
  return group
}

/** Gives parts to a command that does something by itself as well. */
export function withCommands(command: Command, commands: readonly Command[]): Command {
  const group: Command = {
    ...command,
    commands,
    run: (argv, streams) => {
      const help = (): string => commandHelp(group)
      return dispatch(commands, argv, streams, { help, command })
    },
  }
  return group
}

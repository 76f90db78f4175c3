import type { Command } from './command.ts'
import { dispatch } from './dispatch.ts'
import { commandHelp } from './help.ts'

type GroupDefinition = Omit<Command, 'run' | 'options' | 'commands'> & {
  readonly commands: readonly Command[]
}

/** Creates a command with subcommands: `tetra GROUP COMMAND`. */
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

/** Adds subcommands to a command that has its own action. */
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

import type { Command } from './command.ts'
import { commandHelp } from './help.ts'
import { didYouMean } from './suggest.ts'
import { UsageError } from './usage-error.ts'

/** Finds a command among others by its name or an alias. Throws UsageError with the nearest name. */
export function findAmong(commands: readonly Command[], name: string): Command {
  const found = commands.find((command) => command.name === name || command.aliases?.includes(name))
  if (found !== undefined) return found
  const names = commands.flatMap((command) => [command.name, ...(command.aliases ?? [])])
  throw new UsageError(`unknown command "${name}"${didYouMean(name, names)}`)
}

/** Makes a command whose parts are commands: `tetra GROUP COMMAND`. */
export function defineGroup(
  definition: Omit<Command, 'run' | 'options' | 'commands'> & { commands: readonly Command[] },
): Command {
  const group: Command = {
    ...definition,
    options: {},
    run: async ([name, ...rest], streams) => {
      if (name === undefined || name === '-h' || name === '--help') {
        const out = name === undefined ? streams.stderr : streams.stdout
        out.write(commandHelp(group))
        return name === undefined ? 2 : 0
      }
      if (name.startsWith('-'))
        throw new UsageError(`unknown option ${name}; a command comes first`)
      return findAmong(definition.commands, name).run(rest, streams)
    },
  }
  return group
}

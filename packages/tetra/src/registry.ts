import type { Command } from './command.ts'
import { getevents } from './commands/getevents.ts'
import { help } from './commands/help.ts'
import { version } from './commands/version.ts'
import { didYouMean } from './suggest.ts'
import { UsageError } from './usage-error.ts'

/** Every command, in the order of the help text. A new command is one file, listed here. */
export const commands: readonly Command[] = [getevents, version, help]

/** Finds a command by its name or an alias. Throws UsageError with the nearest name. */
export function findCommand(name: string): Command {
  const found = commands.find((command) => command.name === name || command.aliases?.includes(name))
  if (found !== undefined) return found
  const names = commands.flatMap((command) => [command.name, ...(command.aliases ?? [])])
  throw new UsageError(`unknown command "${name}"${didYouMean(name, names)}`)
}

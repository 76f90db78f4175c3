import { didYouMean, splitArguments } from '@tetragon-ts/service/options'
import { agentsOptions } from './agents/agents-options.ts'
import type { Command, Streams } from './command.ts'
import { optionTable } from './option-table.ts'
import { UsageError } from './usage-error.ts'

/**
 * Finds a command by its name or an alias.
 * @throws UsageError with the nearest name
 */
export function findAmong(commands: readonly Command[], name: string): Command {
  const found = commands.find((command) => command.name === name || command.aliases?.includes(name))
  if (found !== undefined) return found
  const names = commands
    .filter(({ hidden }) => !hidden)
    .flatMap((command) => [command.name, ...(command.aliases ?? [])])
  throw new UsageError(`unknown command "${name}"${didYouMean(name, names)}`)
}

/** Actions without the name of a command, and for `--help`. */
export interface DispatchFallback {
  readonly help: () => string
  /** Runs without the name of a subcommand. If not set, the help text goes to standard error. */
  readonly command?: Command
}

/** Runs the command of the arguments. */
export async function dispatch(
  commands: readonly Command[],
  argv: readonly string[],
  streams: Streams,
  fallback: DispatchFallback,
): Promise<number> {
  // Options of the connection may precede the name.
  const options = { ...agentsOptions, ...fallback.command?.options }
  const table = optionTable(options, '; options of a command come after its name')
  for (const argument of splitArguments(table, argv)) {
    if (argument.kind === 'operand') {
      const rest = argv.toSpliced(argument.index, 1)
      return findAmong(commands, argument.text).run(rest, streams)
    }
    if (argument.name === 'help') {
      streams.stdout.write(fallback.help())
      return 0
    }
  }
  if (fallback.command !== undefined) return fallback.command.run(argv, streams)
  streams.stderr.write(fallback.help())
  return 2
}

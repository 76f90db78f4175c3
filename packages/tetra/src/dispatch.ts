import { agentsOptions } from './agents/agents-options.ts'
import type { Command, Option, Streams } from './command.ts'
import { didYouMean } from './suggest.ts'
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

/** Number of arguments of an option before the name of a command. */
function lengthOfOption(argument: string, options: Readonly<Record<string, Option>>): number {
  const [spelled] = argument.split('=')
  const [, option] =
    Object.entries(options).find(
      ([name, { short }]) => spelled === `--${name}` || spelled === `-${short}`,
    ) ?? []
  if (option === undefined) {
    throw new UsageError(`unknown option ${spelled}; options of a command come after its name`)
  }
  return option.kind === 'flag' || argument.includes('=') ? 1 : 2
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
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i]
    if (argument === '-h' || argument === '--help') {
      streams.stdout.write(fallback.help())
      return 0
    }
    if (argument.startsWith('-')) {
      i += lengthOfOption(argument, options) - 1
      continue
    }
    const rest = [...argv.slice(0, i), ...argv.slice(i + 1)]
    return findAmong(commands, argument).run(rest, streams)
  }
  if (fallback.command !== undefined) return fallback.command.run(argv, streams)
  streams.stderr.write(fallback.help())
  return 2
}

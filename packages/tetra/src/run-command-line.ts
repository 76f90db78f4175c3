import { escapeUnprintable } from '@tetragon-ts/api'
import type { Streams } from './command.ts'
import { dispatch } from './dispatch.ts'
import { rootHelp } from './help.ts'
import { commands, findCommand } from './registry.ts'
import { UsageError } from './usage-error.ts'

function run(argv: readonly string[], streams: Streams): Promise<number> {
  if (argv[0] === '--version') return findCommand('version').run(argv.slice(1), streams)
  return dispatch(commands, argv, streams, { help: () => rootHelp(commands) })
}

/** Command names at the start of a command line. */
function commandPath(argv: readonly string[]): string[] {
  const path: string[] = []
  let among = commands
  for (const word of argv) {
    const found = among.find(({ name, aliases }) => name === word || aliases?.includes(word))
    if (found === undefined || word === 'help') break
    path.push(word)
    among = found.commands ?? []
  }
  return path
}

/**
 * Runs a command line without the program's name. Returns the exit code: 0, 1 if the command
 * failed, 2 if the command line is invalid. Never rejects.
 */
export async function runCommandLine(argv: readonly string[], streams: Streams): Promise<number> {
  const { stderr } = streams
  try {
    return await run(argv, streams)
  } catch (error) {
    const usage = error instanceof UsageError
    const message = error instanceof Error ? error.message : String(error)
    // An agent's response is untrusted and may have several lines.
    const lines = message.split('\n').map(escapeUnprintable)
    stderr.write(`tetra: ${lines.join('\n')}\n`)
    if (usage) stderr.write(`Run "tetra ${['help', ...commandPath(argv)].join(' ')}" for help.\n`)
    if (argv.includes('--debug') || argv.includes('-d')) console.error(error)
    return usage ? 2 : 1
  }
}

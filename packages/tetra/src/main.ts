import { fstatSync } from 'node:fs'
import { escapeUnprintable } from '@tetragon-ts/api'
import type { Streams } from './command.ts'
import { dispatch } from './dispatch.ts'
import { rootHelp } from './help.ts'
import { commands, findCommand } from './registry.ts'
import { UsageError } from './usage-error.ts'

async function run(argv: readonly string[], streams: Streams): Promise<number> {
  if (argv[0] === '--version') return findCommand('version').run(argv.slice(1), streams)
  return dispatch(commands, argv, streams, () => rootHelp(commands))
}

/** A terminal or /dev/null; a descriptor that is closed gives nothing either. */
function isDevice(fd: number): boolean {
  try {
    return fstatSync(fd).isCharacterDevice()
  } catch {
    return true
  }
}

/**
 * Runs the command line `tetra` with the arguments after the program's name and sets the exit code
 * of the process: 0, 1 when the work failed, 2 when the command line is wrong. Never rejects.
 */
export async function main(argv: readonly string[]): Promise<void> {
  const { stdin, stdout, stderr } = process
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever read the output has seen enough, as `head` does.
    if (error.code === 'EPIPE') process.exit(0)
    // A command that writes for long has a listener of its own.
    if (stdout.listenerCount('error') > 1) return
    stderr.write(`tetra: write output: ${error.message}\n`)
    process.exit(1)
  })
  try {
    process.exitCode = await run(argv, { stdin, stdout, stderr, stdinIsDevice: isDevice(0) })
  } catch (error) {
    const usage = error instanceof UsageError
    const message = error instanceof Error ? error.message : String(error)
    // An agent's answer may have several lines, and comes from elsewhere.
    const lines = message.split('\n').map(escapeUnprintable)
    process.stderr.write(`tetra: ${lines.join('\n')}\n`)
    if (argv.includes('--debug') || argv.includes('-d')) console.error(error)
    if (usage) process.stderr.write('Run "tetra help" for commands and options.\n')
    process.exitCode = usage ? 2 : 1
  }
}

import { fstatSync } from 'node:fs'
import { escapeUnprintable } from '@tetragon-ts/api'
import type { Streams } from './command.ts'
import { rootHelp } from './help.ts'
import { commands, findCommand } from './registry.ts'
import { UsageError } from './usage-error.ts'

async function run(argv: readonly string[], streams: Streams): Promise<number> {
  const [name, ...rest] = argv
  if (name === undefined || name === '-h' || name === '--help') {
    const out = name === undefined ? streams.stderr : streams.stdout
    out.write(rootHelp(commands))
    return name === undefined ? 2 : 0
  }
  if (name === '--version') return findCommand('version').run(rest, streams)
  if (name.startsWith('-')) throw new UsageError(`unknown option ${name}; a command comes first`)
  return findCommand(name).run(rest, streams)
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
  try {
    const { stdin, stdout, stderr } = process
    process.exitCode = await run(argv, { stdin, stdout, stderr, stdinIsDevice: isDevice(0) })
  } catch (error) {
    const usage = error instanceof UsageError
    const message = error instanceof Error ? error.message : String(error)
    // An agent's answer may have several lines, and comes from elsewhere.
    const lines = message.split('\n').map(escapeUnprintable)
    process.stderr.write(`tetra: ${lines.join('\n')}\n`)
    if (usage) process.stderr.write('Run "tetra help" for commands and options.\n')
    process.exitCode = usage ? 2 : 1
  }
}

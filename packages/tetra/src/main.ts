import './processors.ts'
import { fstatSync } from 'node:fs'
import type { Streams } from './command.ts'
import { runCommandLine } from './run-command-line.ts'

function kindOf(fd: number): Streams['stdinKind'] {
  try {
    const stat = fstatSync(fd)
    if (stat.isCharacterDevice()) return 'device'
    return stat.isFile() ? 'file' : 'pipe'
  } catch {
    // A closed descriptor behaves like /dev/null.
    return 'device'
  }
}

/** The program `tetra`: runs the arguments after its name and sets the exit code. Never rejects. */
export async function main(argv: readonly string[]): Promise<void> {
  const { stdin, stdout, stderr } = process
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader of the output has ended, for example `head`.
    if (error.code === 'EPIPE') process.exit(0)
    // Long-running commands have their own listener.
    if (stdout.listenerCount('error') > 1) return
    stderr.write(`tetra: write output: ${error.message}\n`)
    process.exit(1)
  })
  const streams = { stdin, stdout, stderr, stdinKind: kindOf(0) }
  process.exitCode = await runCommandLine(argv, streams)
}

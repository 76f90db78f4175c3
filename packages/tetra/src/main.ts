import { fstatSync } from 'node:fs'
import { runCommandLine } from './run-command-line.ts'

/** A terminal or /dev/null; a descriptor that is closed gives nothing either. */
function isDevice(fd: number): boolean {
  try {
    return fstatSync(fd).isCharacterDevice()
  } catch {
    return true
  }
}

/**
 * The program `tetra`: runs the arguments after its name and sets the exit code of the process. Never
 * rejects.
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
  const streams = { stdin, stdout, stderr, stdinIsDevice: isDevice(0) }
  process.exitCode = await runCommandLine(argv, streams)
}

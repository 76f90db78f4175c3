import { printable } from '../log/printable.ts'
import { exitCodeOf, isExpected } from './expected-error.ts'

type Command = (argv: readonly string[]) => Promise<string | Uint8Array>

/**
 * Commands that print something and end, without the daemon. What they need of the running kernel,
 * and with it the FFI, they load themselves.
 */
const commands = {
  compile: async (argv) => (await import('./compile-command.ts')).compileCommand(argv),
  kernel: async (argv) => (await import('./kernel-command.ts')).kernelCommand(argv),
} as const satisfies Record<string, Command>

type Name = keyof typeof commands

/** Whether a command line is that of such a command. */
export function isPrintCommand(word: string | undefined): word is Name {
  return word !== undefined && Object.hasOwn(commands, word)
}

/** Executes one; errors that the user can act on become a message and the exit code. */
export async function runPrintCommand(name: Name, argv: readonly string[]): Promise<void> {
  try {
    process.stdout.write(await commands[name](argv))
  } catch (error) {
    if (!isExpected(error)) throw error
    process.stderr.write(`tetragon: ${printable(error.message)} [${error.code}]\n`)
    process.exitCode = exitCodeOf(error)
  }
}

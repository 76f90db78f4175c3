import { isPrintCommand, runPrintCommand } from './daemon/print-command.ts'
import { dismiss, startReaderWorker } from './reader/reader-worker.ts'

// Loading JavaScript takes longer than everything else until the agent is ready. So agent, tetra
// and operator are bundled with their V8 code cache; the compiler is loaded with the first policy,
// the server after the agent is ready, the regular expression library with the first pattern.

/**
 * The program `tetragon`. Starting a thread takes as long as loading the code, so the thread is
 * started first; commands that need no thread end without it.
 */
export async function start(argv: readonly string[]): Promise<void> {
  const [name, ...rest] = argv
  if (isPrintCommand(name)) return runPrintCommand(name, rest)
  const worker = isDaemon(argv) ? startReaderWorker() : undefined
  try {
    const { main } = await import('./daemon.ts')
    await main(argv, worker)
  } finally {
    if (worker !== undefined) await dismiss(worker)
  }
}

/** Whether a command line starts the daemon: others print something and end. */
export function isDaemon(argv: readonly string[]): boolean {
  return !argv.some(printsText)
}

/**
 * Whether the command only prints something. A wrong guess is harmless: a thread is started in vain
 * or late.
 */
function printsText(word: string, index: number): boolean {
  return index === 0 ? !word.startsWith('--') || /^--(help|version)$/.test(word) : false
}

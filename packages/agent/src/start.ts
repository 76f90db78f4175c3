import { dismiss, startReaderWorker } from './reader/reader-worker.ts'

/**
 * The program `tetragon`. A thread takes as long to start as the rest of the code takes to load, so
 * it starts first; a command that needs none ends without it.
 */
export async function start(argv: readonly string[]): Promise<void> {
  const worker = argv.some(asksForText) ? undefined : startReaderWorker()
  try {
    const { main } = await import('./daemon.ts')
    await main(argv, worker)
  } finally {
    if (worker !== undefined) await dismiss(worker)
  }
}

/**
 * Whether the command only prints something. A guess: a thread too many or too late does no harm.
 */
function asksForText(word: string, index: number): boolean {
  return index === 0 ? !word.startsWith('--') || /^--(help|version)$/.test(word) : false
}

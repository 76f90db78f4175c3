import { Worker, type WorkerOptions } from 'node:worker_threads'
import { isInExecutable, readOwnText } from '@tetragon-ts/service/own-files'

/**
 * Starts a thread. At its end it leaves all descriptors open: Node.js would close those that it
 * opened by `node:fs`, unless `node:fs` closed them. A number that `Fd` has closed may be that of
 * another file by then, such as a link that enforces a policy.
 * @throws Error if the machine has no more threads
 */
export function startThread(
  program: URL,
  options: Omit<WorkerOptions, 'trackUnmanagedFds'>,
): Worker {
  const all = { ...options, trackUnmanagedFds: false }
  if (isInExecutable(program)) return new Worker(readOwnText(program), { ...all, eval: true })
  return new Worker(program, all)
}

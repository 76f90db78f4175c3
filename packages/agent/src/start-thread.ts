import { Worker, type WorkerOptions } from 'node:worker_threads'

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
  return new Worker(program, { ...options, trackUnmanagedFds: false })
}

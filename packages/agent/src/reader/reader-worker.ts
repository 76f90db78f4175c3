import { setFlagsFromString } from 'node:v8'
import {
  type MessagePort,
  receiveMessageOnPort,
  type Worker,
  type WorkerOptions,
  workerData,
} from 'node:worker_threads'
import { startThread } from '../start-thread.ts'

/** The thread that reads the ring. It waits for its options. */
export interface ReaderWorker {
  readonly worker: Worker
  /** Not 0 when the first message is available. */
  readonly begin: Int32Array
}

/** The program of the thread. */
export const readerProgram = new URL('./worker.js', import.meta.url)

/**
 * Starts the thread. Until it receives its options, it does not keep the process alive.
 * @param file another program than the agent's, for benchmarks
 */
export function startReaderWorker(file = readerProgram): ReaderWorker {
  const begin = new Int32Array(new SharedArrayBuffer(4))
  const options: WorkerOptions = {
    name: 'tetragon-reader',
    // Under load, V8 would let it grow to many times the size of a batch.
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
    workerData: begin,
  }
  // The launcher's limit for the main thread would apply instead.
  setFlagsFromString('--max-semi-space-size=0')
  const worker = startThread(file, options)
  worker.unref()
  return { worker, begin }
}

/** Sends the options to the thread. @param transferred ports among them */
export function beginReading(
  { worker, begin }: ReaderWorker,
  options: unknown,
  transferred: readonly MessagePort[] = [],
): void {
  worker.ref()
  worker.postMessage(options, transferred)
  Atomics.store(begin, 0, 1)
  Atomics.notify(begin, 0)
}

/**
 * In the thread: waits for the options. An event loop would also consume the messages that follow.
 * @returns undefined if there is nothing to do
 */
export function awaitBeginning<T>(port: MessagePort): T | undefined {
  Atomics.wait(workerData as ReaderWorker['begin'], 0, 0)
  return receiveMessageOnPort(port)?.message
}

/**
 * Ends a thread that never received options. If the process ended while the thread still loads
 * native code, Node.js would abort instead of returning the exit code.
 */
export async function dismiss({ worker, begin }: ReaderWorker): Promise<void> {
  if (Atomics.compareExchange(begin, 0, 0, 1) !== 0) return
  const gone = new Promise<void>((resolve) => {
    worker.once('exit', () => resolve())
    // Failures are irrelevant: nothing was requested.
    worker.once('error', () => resolve())
  })
  worker.ref()
  Atomics.notify(begin, 0)
  await gone
}

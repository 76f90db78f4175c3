import {
  type MessagePort,
  receiveMessageOnPort,
  Worker,
  type WorkerOptions,
  workerData,
} from 'node:worker_threads'

/** The thread that reads the ring. It waits for its options. */
export interface ReaderWorker {
  readonly worker: Worker
  /** Not 0 when the first message is there. */
  readonly begin: Int32Array
}

/** The program of the thread. */
export const readerProgram = new URL('./worker.js', import.meta.url)

/**
 * Starts the thread. Until it gets its options, it does not keep the process alive.
 * @param file another program for it than the agent's, for benchmarks
 */
export function startReaderWorker(file = readerProgram): ReaderWorker {
  const begin = new Int32Array(new SharedArrayBuffer(4))
  const options: WorkerOptions = {
    name: 'tetragon-reader',
    // Under load V8 would let it grow to many times what a batch needs.
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
    workerData: begin,
  }
  const worker = new Worker(file, options)
  worker.unref()
  return { worker, begin }
}

/** Tells the thread what to do. */
export function beginReading({ worker, begin }: ReaderWorker, options: unknown): void {
  worker.ref()
  worker.postMessage(options)
  Atomics.store(begin, 0, 1)
  Atomics.notify(begin, 0)
}

/**
 * In the thread: waits for the options here, because an event loop would take the messages that
 * follow as well.
 * @returns undefined if there is nothing to do
 */
export function awaitBeginning<T>(port: MessagePort): T | undefined {
  Atomics.wait(workerData as ReaderWorker['begin'], 0, 0)
  return receiveMessageOnPort(port)?.message
}

/**
 * Ends a thread that never got options. A process that ended while the thread still
 * loads native code would be aborted by Node.js instead of ending with its exit code.
 */
export async function dismiss({ worker, begin }: ReaderWorker): Promise<void> {
  if (Atomics.compareExchange(begin, 0, 0, 1) !== 0) return
  const gone = new Promise<void>((resolve) => {
    worker.once('exit', () => resolve())
    // What it cannot do was not asked for.
    worker.once('error', () => resolve())
  })
  worker.ref()
  Atomics.notify(begin, 0)
  await gone
}

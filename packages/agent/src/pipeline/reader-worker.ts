import { once } from 'node:events'
import { Worker, type WorkerOptions } from 'node:worker_threads'

/** What the thread waits for: values of `ReaderWorker.begin`. */
export const begins = { notYet: 0, reading: 1, never: 2 } as const

/** The thread that reads the ring, from its start on; it waits to be told what to do. */
export interface ReaderWorker {
  readonly worker: Worker
  /** One of `begins`; the first message is there before it is `reading`. */
  readonly begin: Int32Array
}

/** Starts the thread. Until it is told what to do it does not keep the process alive. */
export function startReaderWorker(): ReaderWorker {
  const begin = new Int32Array(new SharedArrayBuffer(4))
  const options: WorkerOptions = {
    name: 'tetragon-reader',
    // Under load V8 would let it grow to many times what a batch needs.
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
    workerData: begin,
  }
  const worker = new Worker(new URL('./worker.js', import.meta.url), options)
  worker.unref()
  return { worker, begin }
}

/** Tells the thread what to do. */
export function beginReading({ worker, begin }: ReaderWorker, options: unknown): void {
  worker.ref()
  worker.postMessage(options)
  tell(begin, begins.reading)
}

/**
 * Has a thread end that was not told what to do, and waits for that: a process that ends while a thread
 * of it loads native code may crash.
 */
export async function dismissReader({ worker, begin }: ReaderWorker): Promise<void> {
  if (Atomics.load(begin, 0) !== begins.notYet) return
  worker.ref()
  const ended = once(worker, 'exit')
  tell(begin, begins.never)
  await ended
}

function tell(begin: Int32Array, value: number): void {
  Atomics.store(begin, 0, value)
  Atomics.notify(begin, 0)
}

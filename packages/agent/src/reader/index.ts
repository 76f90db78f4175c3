// The thread that reads the ring, for the benchmarks, which measure its parts one by one.

export { Counters } from './counters.ts'
export type { OutputOptions } from './export/output-options.ts'
export { Redaction } from './export/redaction.ts'
export type { Command, Report, WorkerOptions } from './protocol.ts'
export {
  awaitBeginning,
  beginReading,
  readerProgram,
  startReaderWorker,
} from './reader-worker.ts'

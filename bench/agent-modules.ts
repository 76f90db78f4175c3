// Modules of the agent that its package does not offer to others. They are found beside its entry
// point, so that the benchmarks measure what runs in the daemon.

import { basicContent, processRecords } from '@tetragon-ts/sensors'

export { ExitRecord, events, ProcessKey, recordKind } from '@tetragon-ts/sensors'

type CounterModule = typeof import('../packages/agent/src/reader/counters.ts')

const entry = import.meta.resolve('@tetragon-ts/agent')

function load<M>(path: string): Promise<M> {
  return import(new URL(path, entry).href) as Promise<M>
}

export const { ExecRecord, ForkRecord, Identity } = processRecords(basicContent)

type ReadFiles = typeof import('../packages/agent/src/policies/sources/read-files.ts')
export const { readPolicyFiles } = await load<ReadFiles>('./policies/sources/read-files.js')
export { Agent, plainContent } from '@tetragon-ts/agent'

type ConfigOptions = typeof import('../packages/agent/src/config/agent-options.ts')
export const { agentOptionsOf } = await load<ConfigOptions>('./config/agent-options.js')
export const { Counters } = await load<CounterModule>('./reader/counters.js')
/** The thread that turns the ring into events. */
export const workerUrl = new URL('./reader/worker.js', entry)

type ReaderWorkers = typeof import('../packages/agent/src/reader/reader-worker.ts')
export const { awaitBeginning, beginReading, startReaderWorker } = await load<ReaderWorkers>(
  './reader/reader-worker.js',
)

export type Command = import('../packages/agent/src/reader/worker.ts').Command
export type Report = import('../packages/agent/src/reader/worker.ts').Report
export type WorkerOptions = import('../packages/agent/src/reader/worker.ts').WorkerOptions
export type OutputOptions =
  import('../packages/agent/src/reader/export/output-options.ts').OutputOptions
type RedactionModule = typeof import('../packages/agent/src/reader/export/redaction.ts')
export const { Redaction } = await load<RedactionModule>('./reader/export/redaction.js')

import { onAnyCpu, onLastCpu, Partner } from '../partner.ts'
import type { ProducerOptions, Production } from './producer.ts'
import type { ReaderOptions, Reading } from './reader.ts'

export interface TrialOptions {
  /** Processes per second: each has a fork, an exec and an exit record. */
  readonly rate: number
  readonly seconds: number
  readonly ringSize: number
  readonly file: string
  readonly thread: ReaderOptions['thread']
  readonly largestFile: number
  readonly output?: ReaderOptions['output']
  readonly warmUpSeconds?: ProducerOptions['warmUpSeconds']
  readonly followsAfterMs?: ReaderOptions['followsAfterMs']
}

export interface Trial extends Production, Reading {
  /** Whether every record arrived and the producer kept the rate. */
  readonly sustained: boolean
}

/**
 * Runs producer and reader in separate processes at a rate. The producer is bound to the last CPU
 * and leaves all others to the reader: otherwise the kernel may place both on one CPU when a third
 * program runs.
 */
export async function trial(options: TrialOptions): Promise<Trial> {
  const { rate, seconds, ringSize, file, thread, largestFile, output } = options
  const { warmUpSeconds, followsAfterMs } = options
  const producerOptions: ProducerOptions = { ringSize, rests: false, warmUpSeconds }
  using producer = new Partner('ring/producer', onLastCpu, producerOptions)
  const { mapId } = await producer.next<{ mapId: number }>()
  const readerOptions: ReaderOptions = {
    ...{ mapId, ringSize, file, thread, largestFile, output, followsAfterMs },
  }
  using reader = new Partner('ring/reader', onAnyCpu, readerOptions)
  await reader.next<'ready'>()
  producer.send(`${rate} ${seconds}`)
  const production = await producer.next<Production>()
  reader.send()
  const reading = await reader.next<Reading>()
  await reader.ended
  const held = production.measured >= rate * production.seconds * 0.99
  const sustained = production.lost === 0 && reading.sinkLost === 0 && held
  return { ...production, ...reading, sustained }
}

// A process that reads a producer's ring with the agent's own worker: `reader OPTIONS-AS-JSON`.
// Prints `"ready"`; when its stdin ends it reads the rest and prints its results.

import { once } from 'node:events'
import { statSync, truncateSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { plainContent } from '@tetragon-ts/agent'
import {
  beginReading,
  type Command,
  Counters,
  type OutputOptions,
  readerProgram,
  startReaderWorker,
  type WorkerOptions,
} from '@tetragon-ts/agent/reader'
import { Doorbell, objectById } from '@tetragon-ts/ebpf/sys'
import { allThreads, busiestThread, threadTimes } from '../thread-times.ts'
import { FileFollower, type FollowerReport } from './file-follower.ts'

/** Which thread reads: the agent's, the same with an observer, or one that only counts. */
const threads = {
  agent: readerProgram,
  profiled: new URL('./profiled-worker.js', import.meta.url),
  watched: new URL('./watched-worker.js', import.meta.url),
  counting: new URL('./counting-worker.js', import.meta.url),
} as const

export interface ReaderOptions {
  readonly mapId: number
  readonly ringSize: number
  readonly file: string
  readonly thread: keyof typeof threads
  /** Size at which the file is truncated; 0 for never. */
  readonly largestFile: number
  /** Content of events and filters of the export; all if undefined. */
  readonly output?: OutputOptions | undefined
  /** Follow the file, and measure latencies after this time. */
  readonly followsAfterMs?: number | undefined
}

/** Results of the reader. */
export interface Reading {
  readonly records: number
  readonly events: number
  readonly bytes: number
  /** Events that went to the file. */
  readonly exported: number
  readonly unknownExits: number
  readonly sinkLost: number
  /** CPU time of the reading thread, and of all threads with the garbage collector's. */
  readonly threadNs: number
  readonly processNs: number
  /** If the file was followed. */
  readonly follower?: FollowerReport | undefined
}

const settledMs = 50
const emptyingMs = 10

const options = JSON.parse(process.argv[2]) as ReaderOptions
const ring = objectById('map', options.mapId)
if (ring === undefined) throw new Error(`open ring: there is no map ${options.mapId}`)
const doorbell = new Doorbell()
const counters = new Counters()
const workerOptions: WorkerOptions = {
  ringFd: ring.number,
  ringSize: options.ringSize,
  doorbellFd: doorbell.fd.number,
  counters: counters.buffer,
  sink: { kind: 'file', path: options.file, mode: 0o600 },
  nodeName: 'bench',
  procfs: '/proc',
  content: plainContent,
  ...options.output,
}
// For those with an observer.
process.env.READER_PROFILE = `${options.file}.profile`
const thread = startReaderWorker(threads[options.thread])
const { worker } = thread
beginReading(thread, workerOptions)
const send = (command: Command): void => {
  worker.postMessage(command)
  doorbell.ring()
}
await once(worker, 'message')
send({ kind: 'discovered', lookup: undefined })
await once(worker, 'message')
const before = threadTimes('self')
const { followsAfterMs } = options
const follower =
  followsAfterMs === undefined ? undefined : new FileFollower(options.file, followsAfterMs)
// Truncated in place, as some log rotation does: new memory is far more expensive in a virtual
// machine than used memory, and would dominate the measurement.
const emptying = setInterval(() => {
  const { largestFile, file } = options
  if (largestFile > 0 && statSync(file).size > largestFile) truncateSync(file)
}, emptyingMs)
process.stdout.write('"ready"\n')
process.stdin.resume()
await once(process.stdin, 'end')
clearInterval(emptying)
const followed = follower?.end()

for (let last = -1; last !== counters.get('records'); ) {
  last = counters.get('records')
  await delay(settledMs)
}
const after = threadTimes('self')
const { records, events, bytes, exported, unknownExits, sinkLost } = counters.all()
send({ kind: 'stop' })
await once(worker, 'exit')
const reading: Reading = {
  records,
  events,
  bytes,
  exported,
  unknownExits,
  sinkLost,
  threadNs: busiestThread(before, after),
  processNs: allThreads(before, after),
  follower: followed,
}
process.stdout.write(`${JSON.stringify(reading)}\n`)

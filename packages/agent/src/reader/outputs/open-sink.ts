import { setTimeout as delay } from 'node:timers/promises'
import { AgentError } from '../../error.ts'
import type { BackupLimits } from './backups.ts'
import { FileSink } from './file-sink.ts'
import { LineQueue, type LossLine } from './line-queue.ts'
import { NoSink } from './no-sink.ts'
import { openDescriptor, openStream } from './open-descriptor.ts'
import { openDevice } from './open-device.ts'
import { type FileObserver, RotatingFile } from './rotating-file.ts'
import { type Rotation, type Sink, sinkQueueMax } from './sink.ts'

const standardOutput = 1
/** How long the start waits for the file system, in milliseconds. */
const openPatience = 2000

/** Parameters of each kind of sink. */
interface Kinds {
  readonly none: unknown
  readonly stdout: unknown
  readonly file: {
    readonly path: string
    readonly mode: number
    /** Undefined: the file is not rotated. */
    readonly rotation?: Rotation & BackupLimits
  }
}

/** Selects a sink, as plain data for the worker. */
export type SinkOptions<Kind extends keyof Kinds = keyof Kinds> = {
  [K in Kind]: { readonly kind: K } & Kinds[K]
}[Kind]

const never: Rotation = { maxSize: Number.POSITIVE_INFINITY, interval: 0 }

/** Parameters of a sink. */
interface Surroundings {
  readonly queue: LineQueue
  readonly observer: FileObserver
}

type Openers = {
  readonly [Kind in keyof Kinds]: (
    options: SinkOptions<Kind>,
    surroundings: Surroundings,
  ) => Promise<Sink>
}

const openers: Openers = {
  none: async () => new NoSink(),
  stdout: async (_, { queue, observer }) => openDescriptor(standardOutput, queue, observer),
  file: openFile,
}

/**
 * Opens a sink. Files are appended to; pipes and devices are not rotated.
 * @param lossLine creates the line in place of lost events
 * @throws AgentError AGENT_FILE with the path and the reason
 */
export function openSink<Kind extends keyof Kinds>(
  options: SinkOptions<Kind>,
  observer: FileObserver,
  lossLine: LossLine,
): Promise<Sink> {
  const queue = new LineQueue(sinkQueueMax, lossLine)
  return openers[options.kind](options, { queue, observer })
}

async function openFile(
  { path, mode, rotation }: SinkOptions<'file'>,
  { queue, observer }: Surroundings,
): Promise<Sink> {
  try {
    const device = openDevice(path)
    if (device?.isOwned) return openStream(device.fd, queue, observer)
    if (device !== undefined) return openDescriptor(device.fd, queue, observer)
    const file = new RotatingFile(path, mode, rotation ?? never, observer)
    const opening = file.open()
    if (await isSettled(opening)) return new FileSink(file, queue)
    observer.warn(`open export file ${path}: the file system does not respond; events are queued`)
    const opened = opening.catch(() => {})
    return new FileSink(file, queue, opened)
  } catch (cause) {
    const message = `open export file ${path}: ${(cause as Error).message}`
    throw new AgentError('AGENT_FILE', message, { cause })
  }
}

/**
 * Whether the promise is fulfilled within the time limit.
 * @throws its error, if it is rejected by then
 */
async function isSettled(work: Promise<void>): Promise<boolean> {
  const waiting = new AbortController()
  const patience = delay(openPatience, false, { signal: waiting.signal }).catch(() => false)
  try {
    return await Promise.race([work.then(() => true), patience])
  } finally {
    waiting.abort()
  }
}

import {
  type BatchLimits,
  type Connection,
  type Receipt,
  SendError,
  type Target,
} from '../../connection.ts'
import { decodeEvent } from '../../events/event-filter.ts'
import type { QueuedEvent } from '../../queue/event-store.ts'
import { type EventParts, eventColumns, originalColumn, partsOf } from './event-columns.ts'
import { endOfHour, folderOf, hourOf, newName } from './file-names.ts'
import { RowGroups } from './row-groups.ts'
import { completeLeftOvers, UnfinishedFile } from './unfinished-file.ts'

/** Values of the parameters. */
export interface ParquetValues {
  readonly 'file-age': number
  readonly 'file-size': number
  readonly 'batch-size': number
  readonly 'batch-wait': number
  readonly original: boolean
  /** Of all outputs, in bytes. */
  readonly queue?: number
}

const eventsMax = 20_000
/** Row groups of a file: its end, which is written with each, describes all of them. */
const groupsMax = 64
/** Pause after a file could not be completed, in milliseconds. */
const retryMs = 10_000

/** Opens an output to a folder, which is created later. */
export async function openParquet(target: Target<ParquetValues>): Promise<Connection> {
  return new ParquetFiles(target, folderOf(target.url))
}

/** A file that gets row groups. */
interface OpenFile {
  readonly hour: number
  readonly groups: RowGroups
  readonly file: UnfinishedFile
}

/** Events of an hour, in order. */
type HourOfEvents = readonly [hour: number, events: EventParts[]]

/** Writes events to files in a folder. */
export class ParquetFiles implements Connection {
  readonly batch: BatchLimits
  readonly #target: Target<ParquetValues>
  readonly #folder: string
  readonly #onComplete: () => void
  #open: OpenFile | undefined
  /** Files of processes that were killed, or that could not be completed. */
  #leftOvers: 'none' | 'new' | 'tried' = 'none'
  #timer: NodeJS.Timeout | undefined
  /** Fulfilled when nothing is being written. */
  #idle: Promise<void> = Promise.resolve()

  /** @param onComplete called when files may be complete that were not before */
  constructor(target: Target<ParquetValues>, folder: string, onComplete = () => {}) {
    const { values } = target
    this.#target = target
    this.#folder = folder
    this.#onComplete = onComplete
    // Events wait in the queue until there are enough, and other classes have a share of it.
    const bytes = Math.min(values['batch-size'], Math.ceil((values.queue ?? Infinity) / 4))
    this.batch = { events: eventsMax, bytes, linger: values['batch-wait'] }
  }

  /** Completes files of processes that were killed. A failure is reported with the first events. */
  start(): void {
    this.#alone(() => this.#completeLeftOvers()).catch(() => {
      this.#leftOvers = 'new'
    })
  }

  async send(events: readonly QueuedEvent[], signal: AbortSignal): Promise<Receipt> {
    // A disk that does not respond must not collect attempts.
    await unlessAborted(this.#idle, signal)
    const { hours, wrong } = byHour(events)
    await unlessAborted(
      this.#alone(() => this.#write(hours)),
      signal,
    )
    return wrong.length === 0 ? {} : { refused: { events: wrong, reason: 'not an event' } }
  }

  /** Runs an action after those that were begun before. */
  #alone(action: () => Promise<void>): Promise<void> {
    const done = this.#idle.then(action)
    this.#idle = done.catch(() => {})
    return done
  }

  async #write(hours: readonly HourOfEvents[]): Promise<void> {
    for (const [hour, events] of hours) {
      if (this.#open !== undefined && this.#open.hour !== hour) await this.#complete()
      if (this.#leftOvers === 'new') await this.#completeLeftOvers()
      try {
        this.#open ??= await this.#create(hour)
        await this.#append(this.#open, events)
      } catch (error) {
        await this.#abandon()
        throw error
      }
    }
  }

  async #create(hour: number): Promise<OpenFile> {
    const { nodeName, version, values } = this.#target
    const columns = values.original ? [...eventColumns, originalColumn] : eventColumns
    const file = await UnfinishedFile.create(this.#folder, newName(hour, nodeName))
    const now = Date.now()
    const untilEnd = hour === hourOf(now) ? endOfHour(now) - now : Infinity
    this.#completeAfter(Math.min(values['file-age'], untilEnd))
    return { hour, groups: new RowGroups(columns, `tetragon ${version}`), file }
  }

  async #append({ groups, file }: OpenFile, events: readonly EventParts[]): Promise<void> {
    const { rows, footer } = encode(groups, events)
    await file.append(rows, footer)
    const isFull = file.length >= this.#target.values['file-size'] || groups.count >= groupsMax
    if (isFull) this.#completeAfter(0)
  }

  /** Completes the file, now or later: its events are safe. */
  #completeAfter(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      const completed = this.#alone(() => this.#complete())
      completed.catch(() => this.#completeAfter(retryMs))
    }, ms)
    this.#timer.unref()
  }

  /** @throws Error of the file system */
  async #complete(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    try {
      await open?.file.complete()
    } catch (error) {
      this.#leftOvers = 'new'
      throw error
    }
    this.#onComplete()
    if (this.#leftOvers !== 'none') await this.#completeLeftOvers()
  }

  /**
   * A file that cannot be completed holds up events once, and is tried again with each file that is
   * complete.
   */
  async #completeLeftOvers(): Promise<void> {
    this.#leftOvers = 'tried'
    try {
      await completeLeftOvers(this.#folder, this.#target.nodeName)
    } finally {
      this.#onComplete()
    }
    this.#leftOvers = 'none'
  }

  async #abandon(): Promise<void> {
    await this.#open?.file.abandon()
    this.#open = undefined
    this.#leftOvers = 'new'
  }

  async finish(): Promise<void> {
    await this.#alone(() => this.#complete()).catch(() => {})
  }

  close(): void {
    clearTimeout(this.#timer)
    void this.#alone(() => this.#abandon())
  }
}

/** Events by the hour in which they arrived, in order; lines that are not events are apart. */
function byHour(events: readonly QueuedEvent[]): {
  readonly hours: readonly HourOfEvents[]
  readonly wrong: readonly QueuedEvent[]
} {
  const hours = new Map<number, EventParts[]>()
  const wrong: QueuedEvent[] = []
  for (const queued of events) {
    const event = decodeEvent(queued.line)
    const parts = event && partsOf(event, queued.line)
    const hour = hourOf(queued.arrived)
    if (parts === undefined) wrong.push(queued)
    else if (hours.has(hour)) hours.get(hour)?.push(parts)
    else hours.set(hour, [parts])
  }
  return { hours: [...hours], wrong }
}

/** @throws SendError */
function encode(
  groups: RowGroups,
  events: readonly EventParts[],
): { readonly rows: Uint8Array; readonly footer: Uint8Array } {
  try {
    return { rows: groups.add(events), footer: groups.footer() }
  } catch (error) {
    // Smaller batches separate the event that has no form from the others.
    throw new SendError('too-large', `encode events: ${(error as Error).message}`)
  }
}

/** Waits, but no longer than until the signal. @throws the reason of the signal */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  let abort = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
  })
  try {
    await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

import { setImmediate as turn } from 'node:timers/promises'
import { codecOf, GetEventsResponse } from '@tetragon-ts/api'
import { addCounts, type ClassCounts, eventClass, noCounts } from '@tetragon-ts/outputs/queue'
import type { Semaphore } from '@tetragon-ts/service/queue'
import { countLines } from '../../../reader/json/event-lines.ts'
import { ProcessOffsets } from '../../../reader/json/process-offsets.ts'
import { WireEvents } from '../../../reader/outputs/event-tap.ts'
import { clearClass, framed, frameEnd } from '../../../reader/outputs/framing.ts'
import type { EventClient } from '../events/event-client.ts'
import type { EventTaker } from '../events/event-hub.ts'
import { StreamedEvent } from '../events/streamed-event.ts'
import type { PastSource } from '../server-host.ts'
import { KeptLines } from './kept-lines.ts'
import { SentEvents } from './sent-events.ts'

const codec = codecOf(GetEventsResponse)
/** Bytes of live events that wait for the end of the past. */
const heldMax = 2 ** 24

/**
 * The past of a stream, and then live events. The past is read twice: up to its end, and, when live
 * events arrive, what was written in between. Then the file has everything from before the live
 * events; what both have was sent.
 */
export class PastStream implements EventTaker {
  readonly #client: EventClient
  readonly #source: PastSource | undefined
  readonly #since: number
  readonly #readers: Semaphore
  readonly #sent = new SentEvents()
  /** Live events, while the past is sent. */
  #held: StreamedEvent[] | undefined = []
  #heldBytes = 0
  /** Backups that were gone, as far as the client got a report of them. */
  #missing = 0
  readonly #heldLost = noCounts()
  #isClosed = false

  /**
   * @param since in milliseconds since 1970
   * @param readers limits how many streams read files at a time
   */
  constructor(
    client: EventClient,
    source: PastSource | undefined,
    since: number,
    readers: Semaphore,
  ) {
    this.#client = client
    this.#source = source
    this.#since = since
    this.#readers = readers
  }

  /**
   * Sends the past.
   * @param goLive starts live events; fulfilled when all later ones arrive here
   */
  async send(nodeName: string, goLive: () => Promise<void>): Promise<void> {
    const source = this.#source
    const now = new Date().toISOString()
    await using lines = source && new KeptLines(source.path)
    await source?.flushed()
    const kept_since = (lines && (await startOf(lines))) ?? now
    this.#client.notify(framed(codec.encode({ kept_since, node_name: nodeName, time: now })))
    if (lines) await this.#sendLines(lines)
    if (this.#isClosed) return
    await goLive()
    await source?.flushed()
    if (lines) await this.#sendLines(lines)
    this.#release()
  }

  /** Streams take turns in reading; one that waits for its client lets others read. */
  async #sendLines(lines: KeptLines): Promise<void> {
    const wire = new WireEvents(new ProcessOffsets())
    const chunks = lines.read(this.#since)
    try {
      while (!this.#isClosed) {
        const bytes = await this.#readers.run(async () => {
          const { value: chunk } = await chunks.next()
          return chunk && encoded(wire, chunk)
        })
        this.#report(lines)
        if (bytes === undefined) return
        await this.#sendEvents(bytes)
        await turn()
      }
    } finally {
      await chunks.return(undefined)
    }
  }

  /** A backup that is gone counts as one lost event: how many it had is unknown. */
  #report({ missing }: KeptLines): void {
    if (missing === this.#missing) return
    const counts = noCounts()
    counts[eventClass.process] = missing - this.#missing
    this.#missing = missing
    this.#client.addLost(counts)
  }

  async #sendEvents(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length && !this.#isClosed; ) {
      const end = frameEnd(bytes, at)
      const event = new StreamedEvent(bytes, at, end, eventClass.process)
      clearClass(bytes, at)
      at = end
      if (!this.#isDue(event)) continue
      this.#sent.add(event)
      this.#client.offer(event, false)
      if (this.#client.isBehind) await this.#client.accepts()
    }
  }

  #isDue({ time }: StreamedEvent): boolean {
    return time !== undefined && time.seconds * 1000 + time.nanos / 1e6 >= this.#since
  }

  #release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const event of held) this.offer(event)
    if (this.#heldLost.some((count) => count > 0)) this.#client.addLost(this.#heldLost)
  }

  offer(event: StreamedEvent): void {
    if (this.#held === undefined) {
      if (!this.#sent.has(event)) this.#client.offer(event)
      return
    }
    if (this.#heldBytes > heldMax) {
      this.#heldLost[event.eventClass]++
      return
    }
    const copy = event.copy
    this.#heldBytes += copy.length
    this.#held.push(new StreamedEvent(copy, 0, copy.length, event.eventClass))
  }

  addLost(counts: ClassCounts): void {
    if (this.#held === undefined) this.#client.addLost(counts)
    else addCounts(this.#heldLost, counts)
  }

  get isBehind(): boolean {
    return this.#held === undefined ? this.#client.isBehind : this.#heldBytes > heldMax / 2
  }

  close(): void {
    this.#isClosed = true
    this.#held = undefined
    this.#client.close()
  }
}

/** Framed messages of whole lines. */
function encoded(wire: WireEvents, chunk: Buffer): Buffer {
  const count = countLines(chunk, 0, chunk.length)
  const runs = [{ eventClass: eventClass.process, to: chunk.length, lines: count }]
  wire.encode({ bytes: chunk, runs })
  // Lines that another version wrote, and that are unknown here.
  wire.takeFailed()
  return Buffer.from(wire.bytes.subarray(0, wire.length))
}

/** Since when events are kept; undefined: there are none. */
async function startOf(lines: KeptLines): Promise<string | undefined> {
  for await (const line of lines.fromOldest()) {
    const time = timeIn(line)
    if (time !== undefined) return time
  }
  return undefined
}

/** The time of a line; undefined if it has none, or that of the start of a running process. */
function timeIn(line: string): string | undefined {
  try {
    const { process_exec: exec, time } = JSON.parse(line) as GetEventsResponse
    return exec?.process?.flags?.includes('procFS') ? undefined : time
  } catch {
    return undefined
  }
}

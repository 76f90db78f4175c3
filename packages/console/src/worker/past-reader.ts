import { codecOf, GetEventsResponse } from '@tetragon-ts/api'
import type { EventStore, StoredEvent } from '../store/event-store.ts'
import type { StreamGaps } from '../summaries/stream-gaps.ts'
import { type Described, describeEvent } from './describe-event.ts'
import { readFrames, reasonOf } from './event-feed.ts'
import { eventKey } from './wanted-event.ts'
import { WorkSlices } from './work-slices.ts'

const codec = codecOf(GetEventsResponse)
/** Milliseconds that events may be late: so much is asked for again, and arrives live, too. */
const overlapMs = 5000
/** Milliseconds of work until live events get their turn: they have most of the time. */
const sliceMs = 4

/** The events from before the page, and what is missing of them. */
export interface PastState {
  readonly isReading: boolean
  readonly events: number
  /** Why they are not all. */
  readonly problem?: string
  /** Since when the agent keeps events, in milliseconds since 1970. */
  readonly keptSince?: number
}

/** What the reader of the past uses of the worker. */
export interface PastKeeper {
  readonly store: EventStore
  readonly gaps: StreamGaps
  /** Takes an event of the past that the page does not have. */
  add(event: Described): void
  /** The past of a connection is read, as far as possible. */
  end(): void
}

/** What was read of the past of a connection. */
interface Reading {
  readonly cancel: AbortController
  /** Time of the last event before the connection; undefined: it is the first one. */
  readonly after: number | undefined
  keptSince: number | undefined
  /** Number of events, and time of the last one. */
  events: number
  last: number
}

/**
 * Reads what happened before a connection was made: at the first one the last hour, at later ones
 * what happened since the last event. An event that arrives twice is recognised by its exact time,
 * node, kind, process, policy and hook.
 */
export class PastReader {
  /** What was read at the first connection; undefined: there is no past to ask for. */
  state: PastState | undefined
  readonly #keeper: PastKeeper
  #reading: Reading | undefined
  #isFirst = true
  /** Times of the last live event, and of the last one before this connection. */
  #lastLive: number | undefined
  #lastBefore: number | undefined
  /** Times of the first live event of this connection, and of the last one of its past. */
  #firstLive: number | undefined
  #lastPast = Number.NEGATIVE_INFINITY

  constructor(keeper: PastKeeper) {
    this.#keeper = keeper
  }

  /** Live events of another connection follow. */
  beginConnection(): void {
    this.#reading?.cancel.abort()
    this.#finish('the connection was lost')
    this.#lastBefore = this.#lastLive
    this.#firstLive = undefined
    this.#lastPast = Number.NEGATIVE_INFINITY
    this.#keeper.store.beginConnection()
  }

  /** @returns false: the past has the live event already */
  seeLive(event: Described): boolean {
    this.#firstLive ??= event.time
    const { store } = this.#keeper
    if (event.time <= this.#lastPast && isKept(store, event, (id) => store.isPast(id))) return false
    this.#lastLive = Math.max(this.#lastLive ?? event.time, event.time)
    return true
  }

  /** Reads the past of the connection. */
  async read(key: string): Promise<void> {
    if (this.#reading !== undefined) return
    const after = this.#isFirst ? undefined : (this.#lastBefore ?? Date.now())
    this.#isFirst = false
    const counts = { keptSince: undefined, events: 0, last: Number.NEGATIVE_INFINITY }
    const reading: Reading = { cancel: new AbortController(), after, ...counts }
    this.#reading = reading
    this.#report(reading)
    const problem = await this.#fetch(key, reading)
    if (this.#reading === reading) this.#finish(problem)
  }

  /** @returns why it is not the whole past */
  async #fetch(key: string, reading: Reading): Promise<string | undefined> {
    const { cancel, after } = reading
    const since = after === undefined ? '' : `?since=${new Date(after - overlapMs).toISOString()}`
    try {
      const headers = { 'x-console-key': key }
      const response = await fetch(`/api/past${since}`, { headers, signal: cancel.signal })
      if (!response.ok) return await reasonOf(response)
      let problem: string | undefined
      const take = (bytes: Uint8Array): void => this.#take(bytes, reading)
      await readFrames(response, new WorkSlices(sliceMs), {
        event: take,
        state: ({ reason }) => {
          problem = reason
        },
      })
      return problem
    } catch (error) {
      return cancel.signal.aborted ? undefined : `the stream broke: ${(error as Error).message}`
    }
  }

  #take(bytes: Uint8Array, reading: Reading): void {
    if (reading.cancel.signal.aborted) return
    if (reading.keptSince === undefined) {
      reading.keptSince = Date.parse(codec.decode(bytes).kept_since ?? '')
      return
    }
    const event = describeEvent(bytes, Math.max(reading.last, 0))
    if (event.time > (this.#firstLive ?? Number.POSITIVE_INFINITY) + overlapMs) {
      // All later ones arrive live.
      return reading.cancel.abort()
    }
    reading.last = Math.max(reading.last, event.time)
    this.#lastPast = reading.last
    const { store } = this.#keeper
    if (isKept(store, event, (id) => !store.isPast(id))) return
    reading.events++
    this.#keeper.add(event)
    this.#report(reading)
  }

  #finish(problem: string | undefined): void {
    const reading = this.#reading
    this.#reading = undefined
    if (reading === undefined) return
    this.#report(reading, problem)
    this.#noteGaps(reading, problem)
    this.#keeper.end()
  }

  #noteGaps({ after, keptSince, last }: Reading, problem: string | undefined): void {
    const { gaps } = this.#keeper
    const until = this.#firstLive ?? Date.now()
    if (after !== undefined && keptSince !== undefined) gaps.miss(after, Math.min(keptSince, until))
    if (problem === undefined) return
    const reached = Math.max(last, after ?? Number.NEGATIVE_INFINITY)
    if (reached > 0) gaps.miss(reached, until)
  }

  #report({ after, events, keptSince }: Reading, problem?: string): void {
    if (after !== undefined) return
    const isReading = this.#reading !== undefined
    this.state = { isReading, events, ...(problem && { problem }), ...(keptSince && { keptSince }) }
  }
}

/** Whether an event is among kept ones with some numbers. */
function isKept(store: EventStore, event: Described, isOther: (id: number) => boolean): boolean {
  const isSame = ({ id, fields, bytes }: StoredEvent): boolean => {
    const isAlike = named.every((name) => (fields[name] ?? '') === (event.fields[name] ?? ''))
    return isOther(id) && isAlike && eventKey(bytes) === eventKey(event.bytes)
  }
  return store.findAt(event.time, isSame) !== undefined
}

const named = ['kind', 'exec', 'policy', 'hook'] as const

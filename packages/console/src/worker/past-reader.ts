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
/** Fields that equal events have in common. */
const named = ['kind', 'exec', 'policy', 'hook'] as const

/** The events from before the page, and what is missing of them. */
export interface PastState {
  readonly isReading: boolean
  readonly events: number
  /** Why they are not all. */
  readonly problem?: string
  /** Since when the agent keeps events, in milliseconds since 1970; undefined: it keeps none. */
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
  /** Whether the agent keeps events at all. */
  keepsAny: boolean
  /** Why it is not the whole past. */
  problem: string | undefined
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
  /** Times of the live event that arrived last, and of the last event before this connection. */
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
    const lastPast = Number.isFinite(this.#lastPast) ? this.#lastPast : undefined
    this.#lastBefore = this.#lastLive ?? lastPast ?? this.#lastBefore
    this.#firstLive = undefined
    this.#lastPast = Number.NEGATIVE_INFINITY
    this.#keeper.store.beginConnection()
  }

  /** @returns false: the past has the live event already */
  seeLive(event: Described): boolean {
    this.#firstLive ??= event.time
    const { store } = this.#keeper
    const isPast = (id: number): boolean => store.isPast(id)
    if (event.time <= this.#lastPast && keptId(store, event, isPast) !== undefined) return false
    // Not the latest time: the clock of the agent may have been set back.
    this.#lastLive = event.time
    return true
  }

  /** Reads the past of the connection. */
  async read(key: string): Promise<void> {
    if (this.#reading !== undefined) return
    const reading: Reading = {
      cancel: new AbortController(),
      after: this.#lastBefore,
      keptSince: undefined,
      keepsAny: false,
      problem: undefined,
      events: 0,
      last: Number.NEGATIVE_INFINITY,
    }
    this.#reading = reading
    this.#report(reading)
    const problem = await this.#fetch(key, reading)
    if (this.#reading === reading) this.#finish(problem)
  }

  /** @returns why it is not the whole past */
  async #fetch(key: string, reading: Reading): Promise<string | undefined> {
    const { cancel, after } = reading
    try {
      const since = after === undefined ? '' : `?since=${new Date(after - overlapMs).toISOString()}`
      const headers = { 'x-console-key': key }
      const response = await fetch(`/api/past${since}`, { headers, signal: cancel.signal })
      if (!response.ok) return await reasonOf(response)
      await readFrames(response, new WorkSlices(sliceMs), {
        event: (bytes) => this.#take(bytes, reading),
        state: ({ reason }) => {
          reading.problem = reason
        },
      })
    } catch (error) {
      if (!cancel.signal.aborted) return `the stream broke: ${(error as Error).message}`
    }
    return reading.problem
  }

  #take(bytes: Uint8Array, reading: Reading): void {
    if (reading.cancel.signal.aborted) return
    if (reading.keptSince === undefined) {
      const { kept_since = '', time } = codec.decode(bytes)
      reading.keptSince = Date.parse(kept_since)
      reading.keepsAny = kept_since !== time
      return
    }
    const event = describeEvent(bytes, Math.max(reading.last, 0))
    const { store } = this.#keeper
    const kept = keptId(store, event, (id) => !store.isPast(id))
    const isLate = event.time > (this.#firstLive ?? Number.POSITIVE_INFINITY) + overlapMs
    if (isLate && kept !== undefined && store.isLive(kept)) {
      // All later ones arrive live. Its time alone is not enough: a clock may have been set back.
      return reading.cancel.abort()
    }
    reading.last = Math.max(reading.last, event.time)
    this.#lastPast = reading.last
    if (kept !== undefined) return
    reading.events++
    this.#keeper.add(event)
    this.#report(reading)
    if (store.hasRoomForPast) return
    reading.problem = 'the page has no room for more'
    reading.cancel.abort()
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

  #report({ after, events, keptSince, keepsAny }: Reading, problem?: string): void {
    if (after !== undefined) return
    const isReading = this.#reading !== undefined
    this.state = {
      isReading,
      events,
      ...(problem && { problem }),
      ...(keepsAny && keptSince && { keptSince }),
    }
  }
}

/** Number of an event among kept ones with some numbers; undefined: it is not there. */
function keptId(
  store: EventStore,
  event: Described,
  isOther: (id: number) => boolean,
): number | undefined {
  const isSame = ({ id, fields, bytes }: StoredEvent): boolean => {
    const isAlike = named.every((name) => (fields[name] ?? '') === (event.fields[name] ?? ''))
    if (!isOther(id) || !isAlike) return false
    const key = eventKey(bytes)
    return key !== undefined && key === eventKey(event.bytes)
  }
  return store.findAt(event.time, isSame)?.id
}

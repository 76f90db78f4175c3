import { Density } from './density.ts'
import { type EventContent, EventSegment, type PairCounts, StoredSubject } from './event-segment.ts'
import type { Match } from './filter.ts'
import { type FieldName, fieldNames } from './filter-text.ts'
import { isIn, type Span } from './span.ts'

const kindColumn = fieldNames.indexOf('kind')
const startAndEnd: ReadonlySet<string> = new Set(['process_exec', 'process_exit'])

/** Numbers of a sequence of events: of live ones of a connection, or of those before them. */
const sequenceSize = 2 ** 32

/** Events whose numbers follow one another. */
interface Sequence {
  /** Number of the first one. */
  readonly first: number
  /** Number of the next event. */
  next: number
  /** That the next event may have room in; undefined: there is none. */
  segment: EventSegment | undefined
}

/** An event as it is kept. */
export interface StoredEvent extends EventContent {
  /**
   * Number of the event, in the order of the list: live ones from 0, and those from before the
   * connection below. Each later connection has its own numbers above.
   */
  readonly id: number
}

/** Chooses events by the value of a field, without decoding them. */
export interface Choice {
  readonly field: FieldName
  accepts(value: string): boolean
}

/** Events of a segment, by their numbers. */
export interface SegmentIds {
  /** Number of the first event of the segment. */
  readonly first: number
  /** Number after its last event. */
  readonly end: number
  /** The chosen ones. */
  readonly ids: readonly number[]
  /** Whether segments before it were dropped since the start of the walk. */
  readonly hasSkipped: boolean
  /** Number of events of the walk that are after it. */
  readonly remaining: number
}

/**
 * The last events, and those among them that a filter and a span of time show. Old events are
 * dropped beyond a number of events and of bytes, some thousand together.
 */
export class EventStore {
  readonly #eventsMax: number
  readonly #bytesMax: number
  /** From the oldest to the latest. */
  readonly #segments: EventSegment[] = []
  /** Bytes of all segments but those of the sequences below. */
  #bytes = 0
  #live: Sequence = { first: 0, next: 0, segment: undefined }
  /** What happened before the live events of this connection. */
  #past: Sequence = { first: -sequenceSize, next: -sequenceSize, segment: undefined }
  #size = 0
  #match: Match = () => true
  #span: Span | undefined
  /** Counts of the kept events. */
  readonly density = new Density()
  /** Events that were dropped. */
  dropped = 0
  /** The latest time of a dropped event, in milliseconds since 1970; undefined: there is none. */
  droppedUntil: number | undefined

  /** @param eventsMax these are kept, and those of the same segment */
  constructor(eventsMax: number, bytesMax: number) {
    this.#eventsMax = eventsMax
    this.#bytesMax = bytesMax
  }

  /** Number of kept events. */
  get size(): number {
    return this.#size
  }

  /** Number of kept events that the filter shows, among those that it has seen. */
  get shown(): number {
    return this.#segments.reduce((sum, { shown }) => sum + shown.length, 0)
  }

  /** Some thousand events each, from the oldest to the latest, as they are kept now. */
  get segments(): readonly EventSegment[] {
    return [...this.#segments]
  }

  /** Number of the last live event; -1 without one. */
  get last(): number {
    return this.#live.next - 1
  }

  /** Adds a live event. @returns its number */
  add(event: EventContent): number {
    return this.#append(this.#live, event)
  }

  /**
   * Adds an event from before the live ones of this connection, after the others that were added
   * so. @returns its number
   */
  addPast(event: EventContent): number {
    return this.#append(this.#past, event)
  }

  /** Whether an event was added as one from before this connection. */
  isPast(id: number): boolean {
    return id >= this.#past.first && id < this.#live.first
  }

  /** Whether an event was added as a live one of this connection. */
  isLive(id: number): boolean {
    return id >= this.#live.first
  }

  /** Whether the last event of the past was kept: if not, live ones need all the room. */
  get hasRoomForPast(): boolean {
    return this.#past.segment !== undefined
  }

  /** Later live events are of another connection: others may have to be added before them. */
  beginConnection(): void {
    if ([this.#live, this.#past].every(({ first, next }) => first === next)) return
    this.#close(this.#live)
    this.#close(this.#past)
    const first = Math.ceil(this.#live.next / sequenceSize) * sequenceSize
    const live = first + sequenceSize
    this.#past = { first, next: first, segment: undefined }
    this.#live = { first: live, next: live, segment: undefined }
  }

  #append(sequence: Sequence, event: EventContent): number {
    if (sequence.segment?.isFull) this.#close(sequence)
    const segment = sequence.segment ?? this.#open(sequence)
    const index = segment.add(event)
    sequence.next++
    this.#size++
    this.density.add(event.fields.kind ?? '', event.time)
    if (segment.tested === index) this.#test(segment)
    while (this.#segments.length > 1 && this.#isOver()) this.#drop()
    return segment.first + index
  }

  #open(sequence: Sequence): EventSegment {
    const segment = new EventSegment(sequence.next)
    const after = this.#segments.findIndex(({ first }) => first > segment.first)
    this.#segments.splice(after < 0 ? this.#segments.length : after, 0, segment)
    sequence.segment = segment
    return segment
  }

  #close(sequence: Sequence): void {
    const { segment } = sequence
    if (segment === undefined) return
    segment.seal()
    if (segment.tested === segment.count) segment.forgetWords()
    this.#bytes += segment.size
    sequence.segment = undefined
  }

  #isOver(): boolean {
    const [oldest] = this.#segments
    if (this.#size - oldest.count >= this.#eventsMax) return true
    const open = (this.#live.segment?.size ?? 0) + (this.#past.segment?.size ?? 0)
    return this.#bytes + open > this.#bytesMax
  }

  #drop(): void {
    const oldest = this.#segments.shift()!
    const open = [this.#past, this.#live].find(({ segment }) => segment === oldest)
    if (open === undefined) this.#bytes -= oldest.size
    else open.segment = undefined
    this.#size -= oldest.count
    this.dropped += oldest.count
    for (let index = 0; index < oldest.count; index++) {
      const time = oldest.timeOf(index)
      this.density.remove(oldest.fieldAt(index, kindColumn), time)
      this.droppedUntil = Math.max(this.droppedUntil ?? time, time)
    }
  }

  /** The event with a number; undefined if it was dropped. */
  get(id: number): StoredEvent | undefined {
    const segment = this.#segments.findLast(({ first }) => first <= id)
    if (segment === undefined || id >= segment.first + segment.count) return undefined
    return eventAt(segment, id - segment.first)
  }

  /** The event of a moment that a test accepts. @param time milliseconds since 1970 */
  findAt(time: number, test: (event: StoredEvent) => boolean): StoredEvent | undefined {
    for (const segment of this.#segments) {
      if (!segment.mayHave(time)) continue
      for (let index = 0; index < segment.count; index++) {
        if (segment.timeOf(index) !== time) continue
        const event = eventAt(segment, index)
        if (test(event)) return event
      }
    }
    return undefined
  }

  /** Shows only events that match, as far as {@link filterUntil} has filtered them. */
  filter(match: Match): void {
    this.#match = match
    for (const segment of this.#segments) {
      segment.shown = []
      segment.tested = 0
      segment.forgetWords()
    }
  }

  /** Shows only events of a span, as far as {@link filterUntil} has filtered them. */
  setSpan(span: Span | undefined): void {
    this.#span = span
    this.filter(this.#match)
  }

  /**
   * Filters kept events, the latest first, until all are filtered or the time is over.
   * @param isOver asked after each event: an expression may take milliseconds
   * @returns whether all are filtered
   */
  filterUntil(isOver: () => boolean): boolean {
    for (let i = this.#segments.length - 1; i >= 0; i--) {
      const segment = this.#segments[i]
      while (segment.tested < segment.count) {
        this.#test(segment)
        if (isOver()) return false
      }
    }
    return true
  }

  /** Tests the next event of a segment. */
  #test(segment: EventSegment): void {
    const index = segment.tested++
    if (this.#shows(segment, index)) segment.shown.push(index)
    if (segment.isFull && segment.tested === segment.count) segment.forgetWords()
  }

  #shows(segment: EventSegment, index: number): boolean {
    return isIn(this.#span, segment.timeOf(index)) && this.#match(new StoredSubject(segment, index))
  }

  /** Shown events by their position among all shown ones, the oldest first. */
  rows(from: number, to: number): StoredEvent[] {
    const rows: StoredEvent[] = []
    let position = 0
    for (const segment of this.#segments) {
      const { shown } = segment
      const part = shown.slice(Math.max(0, from - position), Math.max(0, to - position))
      rows.push(...part.map((index) => eventAt(segment, index)))
      position += shown.length
    }
    return rows
  }

  /**
   * Number of shown events up to and including that with a number.
   * @param id undefined: of all
   */
  shownUpTo(id: number | undefined): number {
    if (id === undefined) return this.shown
    let count = 0
    for (const { first, shown, count: all } of this.#segments) {
      if (first > id) break
      const isWhole = first + all - 1 <= id
      count += isWhole ? shown.length : shown.filter((index) => first + index <= id).length
    }
    return count
  }

  /**
   * Numbers of the events that are shown now, in their order: another filter changes nothing in
   * them.
   * @param until the last number; undefined: all
   */
  shownIds(until = Number.POSITIVE_INFINITY): number[] {
    return this.#segments.flatMap(({ first, shown }) =>
      shown.map((index) => first + index).filter((id) => id <= until),
    )
  }

  /** Numbers of the kept events of a span with a value in a field, in their order. */
  idsWith(field: FieldName, value: string, span?: Span): number[] {
    return this.#segments.flatMap((segment) =>
      segment
        .indicesWith(field, value)
        .filter((index) => isIn(span, segment.timeOf(index)))
        .map((index) => segment.first + index),
    )
  }

  /**
   * Numbers of the events of a span that are kept now, segment by segment, the oldest first, so
   * that the caller can pause. Later events are omitted, and so are segments that are dropped in
   * between.
   * @param choice undefined: all of them
   */
  idsBySegment(span: Span | undefined, choice?: Choice): Generator<SegmentIds> {
    const parts = this.#segments.map(({ first, count }) => ({ first, count }))
    return this.#idsOf(parts, this.#size, span, choice)
  }

  /** @param parts where segments start, and how many of their events are walked */
  *#idsOf(
    parts: readonly { readonly first: number; readonly count: number }[],
    size: number,
    span: Span | undefined,
    choice?: Choice,
  ): Generator<SegmentIds> {
    let remaining = size
    let hasSkipped = false
    for (const { first, count } of parts) {
      remaining -= count
      const segment = this.#segments.find((each) => each.first === first)
      hasSkipped ||= segment === undefined
      if (segment === undefined) continue
      const ids = segment
        .indicesWhere(choice?.field ?? 'kind', choice?.accepts ?? (() => true))
        .filter((index) => index < count && isIn(span, segment.timeOf(index)))
        .map((index) => first + index)
      yield { first, end: first + count, ids, hasSkipped, remaining }
      hasSkipped = false
    }
  }

  /** Numbers of the kept events of a span by the values of two fields; undefined: of all. */
  countPairs(fields: readonly [FieldName, FieldName], span: Span | undefined): PairCounts {
    const counts = new Map<string, Map<string, number>>()
    for (const segment of this.#segments) {
      segment.countPairs(fields, (index) => isIn(span, segment.timeOf(index)), counts)
    }
    return counts
  }

  /** Numbers of events of each process in a span, by exec id, besides its start and end. */
  countsOfProcesses(span: Span): Map<string, number> {
    const counts = new Map<string, number>()
    for (const segment of this.#segments) {
      const indices = segment.indices((time) => isIn(span, time))
      const others = indices.filter((each) => !startAndEnd.has(segment.fieldAt(each, kindColumn)))
      segment.countBy('exec', others, counts)
    }
    return counts
  }
}

function eventAt(segment: EventSegment, index: number): StoredEvent {
  return {
    id: segment.first + index,
    time: segment.timeOf(index),
    line: segment.lineOf(index),
    fields: segment.fieldsOf(index),
    bytes: segment.bytesOf(index),
  }
}

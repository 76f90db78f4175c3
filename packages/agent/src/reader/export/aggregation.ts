import type { EventClass } from '@tetragon-ts/outputs/queue'

/** An event as it is held back: a line in latin1, or a framed message. */
type Encoded = { readonly length: number }

/** An event to be joined with equal ones. */
interface Joinable<E extends Encoded> {
  /** The event with the exec id of its process, without its time: equal events have the same. */
  readonly statement: string
  /** Encodes the event, if it is the first of its group. */
  readonly encode: () => E
  /** Number of hits that it stands for. */
  readonly count: number
  /** Its class. */
  readonly of: EventClass
}

/** Equal events. */
interface Group<E extends Encoded> {
  readonly statement: string
  readonly execId: string
  /** The first of them. */
  readonly event: E
  readonly of: EventClass
  readonly since: number
  count: number
}

/** How events are joined. */
export interface AggregationWindow {
  /** How long the first event is held back, in milliseconds. */
  readonly windowMs: number
  /** Maximum number of groups that are held back. */
  readonly limit: number
}

/** Gets the first event of a group, and the number of hits that the group stands for. */
export type SendGroup<E> = (event: E, count: number, of: EventClass) => void

/** Maximum number of bytes that are held back, for any number of groups. */
const heldBytesMax = 2 ** 25

/**
 * Joins equal policy events of a process within a time window, for the export and for clients of
 * the server: the first event is emitted at the end of the window, with the number of equal ones.
 */
export class Aggregation<E extends Encoded> {
  readonly #windowMs: number
  readonly #limit: number
  readonly #send: SendGroup<E>
  /** By content, in the order in which their windows end. */
  readonly #groups = new Map<string, Group<E>>()
  /** By exec id: an exit must not search the groups of all processes. */
  readonly #byProcess = new Map<string, Set<Group<E>>>()
  #heldBytes = 0

  /** @param send also gets the oldest groups if there are too many, or too many bytes */
  constructor({ windowMs, limit }: AggregationWindow, send: SendGroup<E>) {
    this.#windowMs = windowMs
    this.#limit = limit
    this.#send = send
  }

  /** Adds an event. @param now milliseconds of a monotonic clock */
  add(execId: string, { statement, encode, count, of }: Joinable<E>, now: number): void {
    const known = this.#groups.get(statement)
    if (known !== undefined) {
      known.count += count
      return
    }
    const group = { statement, execId, event: encode(), of, since: now, count }
    this.#groups.set(statement, group)
    const groups = this.#byProcess.get(execId)
    if (groups === undefined) this.#byProcess.set(execId, new Set([group]))
    else groups.add(group)
    this.#heldBytes += sizeOf(group)
    for (const oldest of this.#groups.values()) {
      if (this.#groups.size <= this.#limit && this.#heldBytes <= heldBytesMax) return
      this.#release(oldest)
    }
  }

  /** Emits the held events of a process that ends. */
  sendOf(execId: string): void {
    for (const group of this.#byProcess.get(execId) ?? []) this.#release(group)
  }

  /** Emits the groups whose window has ended. */
  sendDue(now: number): void {
    for (const group of this.#groups.values()) {
      if (group.since + this.#windowMs > now) return
      this.#release(group)
    }
  }

  /** Milliseconds until the next window ends; undefined if nothing is held back. */
  nextDue(now: number): number | undefined {
    for (const { since } of this.#groups.values()) return since + this.#windowMs - now
    return undefined
  }

  /** Drops the held events. */
  clear(): void {
    this.#groups.clear()
    this.#byProcess.clear()
    this.#heldBytes = 0
  }

  #release(group: Group<E>): void {
    const { statement, execId, event, of, count } = group
    this.#groups.delete(statement)
    this.#heldBytes -= sizeOf(group)
    const groups = this.#byProcess.get(execId)
    groups?.delete(group)
    if (groups?.size === 0) this.#byProcess.delete(execId)
    this.#send(event, count, of)
  }
}

/** Bytes that a group holds: its event, and the text that it is found by. */
function sizeOf({ event, statement }: Group<Encoded>): number {
  return event.length + statement.length
}

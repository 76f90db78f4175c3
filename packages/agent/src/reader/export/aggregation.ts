import type { EventClass } from '../event-class.ts'
import { aggregationInfo } from '../json/event-json.ts'

/** An event to be joined with equal ones. */
interface Joinable {
  /** The event without its process and time. */
  readonly says: string
  /** Its line in latin1. */
  readonly line: () => string
  /** Number of hits that it stands for. */
  readonly count: number
  /** Its class. */
  readonly of: EventClass
}

/** Equal events. */
interface Group {
  readonly statement: string
  readonly execId: string
  /** The first of them in latin1, without its count and end. */
  readonly line: string
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

/** Gets the line of an event in latin1. */
type SendLine = (line: string, of: EventClass) => void

/** Maximum number of bytes that are held back, for any number of groups. */
const heldBytesMax = 2 ** 25
const lineEnd = '}\n'

/**
 * Joins equal policy events of a process within a time window, as the server does for its clients:
 * the first event is emitted at the end of the window, with the number of equal ones.
 */
export class Aggregation {
  readonly #windowMs: number
  readonly #limit: number
  /** By content, in the order in which their windows end. */
  readonly #groups = new Map<string, Group>()
  readonly #byProcess = new Map<string, Set<Group>>()
  #heldBytes = 0

  constructor({ windowMs, limit }: AggregationWindow) {
    this.#windowMs = windowMs
    this.#limit = limit
  }

  /**
   * Adds an event.
   * @param now milliseconds of a monotonic clock
   * @param send gets the lines of the oldest groups if there are too many, or too many bytes
   */
  add(execId: string, { says, line, count, of }: Joinable, now: number, send: SendLine): void {
    const statement = `${execId} ${says}`
    const known = this.#groups.get(statement)
    if (known !== undefined) {
      known.count += count
      return
    }
    const group = {
      statement,
      execId,
      of,
      line: line().slice(0, -(infoOf(count) + lineEnd).length),
      since: now,
      count,
    }
    this.#groups.set(statement, group)
    const groups = this.#byProcess.get(execId)
    if (groups === undefined) this.#byProcess.set(execId, new Set([group]))
    else groups.add(group)
    this.#heldBytes += sizeOf(group)
    for (const oldest of this.#groups.values()) {
      if (this.#groups.size <= this.#limit && this.#heldBytes <= heldBytesMax) return
      this.#release(oldest, send)
    }
  }

  /** Emits the held events of a process that ends. */
  sendOf(execId: string, send: SendLine): void {
    for (const group of this.#byProcess.get(execId) ?? []) this.#release(group, send)
  }

  /** Emits the groups whose window has ended. */
  sendDue(now: number, send: SendLine): void {
    for (const group of this.#groups.values()) {
      if (group.since + this.#windowMs > now) return
      this.#release(group, send)
    }
  }

  /** Milliseconds until the next window ends; undefined if nothing is held back. */
  nextDue(now: number): number | undefined {
    for (const { since } of this.#groups.values()) return since + this.#windowMs - now
    return undefined
  }

  #release(group: Group, send: SendLine): void {
    const { statement, execId, line, of, count } = group
    this.#groups.delete(statement)
    this.#heldBytes -= sizeOf(group)
    const groups = this.#byProcess.get(execId)
    groups?.delete(group)
    if (groups?.size === 0) this.#byProcess.delete(execId)
    send(`${line}${infoOf(count)}${lineEnd}`, of)
  }
}

/** Bytes that a group holds: its event, and the text that it is found by. */
function sizeOf({ line, statement }: Group): number {
  return line.length + statement.length
}

/** The count of an event, as it is at the end of its line. */
function infoOf(count: number): string {
  return count > 1 ? aggregationInfo(count) : ''
}

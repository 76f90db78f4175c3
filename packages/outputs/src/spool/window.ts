import { addCounts, type ClassCounts, noCounts } from '../queue/event-class.ts'
import type { QueuedEvent } from '../queue/event-store.ts'
import type { Position } from './position-file.ts'
import { recordHead } from './record.ts'
import type { Taken } from './segment.ts'

/** An event that waits for its answer, and the acknowledged ones between it and the next. */
interface Waiting {
  readonly event: QueuedEvent
  readonly isStored: boolean
  /** Behind all of them. */
  behind: Position | undefined
  /** Bytes of their records, by class. */
  readonly bytes: number[]
}

/** What the receiver has, and everything in front of it. */
export interface Released {
  /** Bytes of the records, by class. */
  readonly bytes: ClassCounts
  /** The end of the last one; undefined if none of them was on disk. */
  readonly position: Position | undefined
}

/**
 * Events that were taken out of the segments and are not acknowledged, in order. An event that is
 * acknowledged behind one that is not keeps its room: its file stays until all in front are
 * acknowledged.
 */
export class Window {
  #waiting: Waiting[] = []

  get length(): number {
    return this.#waiting.length
  }

  get events(): readonly QueuedEvent[] {
    return this.#waiting.map(({ event }) => event)
  }

  /** Events that were never on disk. */
  get neverWritten(): readonly QueuedEvent[] {
    return this.#waiting.filter(({ isStored }) => !isStored).map(({ event }) => event)
  }

  get oldest(): number | undefined {
    return this.#waiting[0]?.event.arrived
  }

  /** Bytes of the lines. */
  get bytes(): number {
    return this.#waiting.reduce((sum, { event }) => sum + event.line.length, 0)
  }

  add(taken: readonly Taken[]): void {
    for (const { event, behind } of taken) {
      const bytes = noCounts()
      bytes[event.eventClass] = event.line.length + recordHead
      this.#waiting.push({ event, isStored: behind !== undefined, behind, bytes })
    }
  }

  /** Removes the first events. @param again those among them that stay */
  remove(count: number, again: readonly QueuedEvent[]): Released {
    const stays = new Set(again)
    const bytes = noCounts()
    let position: Position | undefined
    const kept: Waiting[] = []
    for (const each of this.#waiting.splice(0, count)) {
      const last = kept.at(-1)
      if (stays.has(each.event)) kept.push(each)
      else if (last === undefined) {
        addCounts(bytes, each.bytes)
        position = each.behind ?? position
      } else {
        addCounts(last.bytes, each.bytes)
        last.behind = each.behind ?? last.behind
      }
    }
    this.#waiting.unshift(...kept)
    return { bytes, position }
  }
}

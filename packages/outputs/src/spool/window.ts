import { addCounts, type ClassCounts, noCounts } from '../queue/event-class.ts'
import type { QueuedEvent } from '../queue/event-store.ts'
import type { Position } from './position-file.ts'
import { recordHead } from './record.ts'
import type { Taken } from './segment.ts'

/** Records that keep their room, of one segment. */
interface Kept {
  /** Behind the last one; undefined if they are in no segment. */
  behind: Position | undefined
  /** By class. */
  readonly bytes: number[]
}

/** An event that waits for its answer, and the acknowledged ones between it and the next. */
interface Waiting {
  readonly event: QueuedEvent
  /** The first is its own. */
  readonly kept: [Kept, ...Kept[]]
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
 * acknowledged behind one that is not keeps its room, until all in front are acknowledged, or all
 * in its segment: then its file goes.
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
    const waiting = this.#waiting.filter(({ kept: [own] }) => own.behind === undefined)
    return waiting.map(({ event }) => event)
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
      this.#waiting.push({ event, kept: [{ behind, bytes }] })
    }
  }

  /** Removes the first events. @param again those among them that stay */
  remove(count: number, again: readonly QueuedEvent[]): Released {
    const stays = new Set(again)
    const bytes = noCounts()
    let position: Position | undefined
    const waiting: Waiting[] = []
    for (const each of this.#waiting.splice(0, count)) {
      const last = waiting.at(-1)
      if (stays.has(each.event)) waiting.push(each)
      else {
        for (const kept of each.kept) {
          if (last !== undefined && kept.behind !== undefined) keep(last, kept)
          else {
            addCounts(bytes, kept.bytes)
            position = kept.behind ?? position
          }
        }
      }
    }
    this.#waiting.unshift(...waiting)
    return { bytes, position }
  }

  /** Segments of which everything that was taken is acknowledged, and keeps room. */
  get acknowledged(): ReadonlySet<number> {
    const [own, others] = [new Set<number>(), new Set<number>()]
    for (const { kept } of this.#waiting) {
      for (const [index, { behind }] of kept.entries()) {
        if (behind !== undefined) (index === 0 ? own : others).add(behind.segment)
      }
    }
    for (const each of own) others.delete(each)
    return others
  }

  /** Gives up the room of such a segment. @returns bytes of the records, by class */
  release(segment: number): ClassCounts {
    const bytes = noCounts()
    for (const { kept } of this.#waiting) {
      const [own, ...others] = kept
      kept.splice(0, kept.length, own)
      for (const each of others) {
        if (each.behind?.segment === segment) addCounts(bytes, each.bytes)
        else kept.push(each)
      }
    }
    return bytes
  }
}

/** Adds the records of an acknowledged event to those behind another. */
function keep({ kept }: Waiting, added: Kept): void {
  const last = kept[kept.length - 1]
  if (last.behind?.segment !== added.behind?.segment) kept.push(added)
  else {
    addCounts(last.bytes, added.bytes)
    last.behind = added.behind
  }
}

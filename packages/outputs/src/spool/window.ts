import type { QueuedEvent } from '../queue/event-store.ts'
import type { Position } from './position-file.ts'
import type { Taken } from './segment.ts'

/** Events that were taken out of the segments and are not acknowledged, in order. */
export class Window {
  #taken: Taken[] = []

  get length(): number {
    return this.#taken.length
  }

  get events(): readonly QueuedEvent[] {
    return this.#taken.map(({ event }) => event)
  }

  /** Events that were never on disk. */
  get neverWritten(): readonly QueuedEvent[] {
    return this.#taken.filter(({ behind }) => behind === undefined).map(({ event }) => event)
  }

  get oldest(): number | undefined {
    return this.#taken[0]?.event.arrived
  }

  /** Bytes of the lines. */
  get bytes(): number {
    return this.#taken.reduce((sum, { event }) => sum + event.line.length, 0)
  }

  add(taken: readonly Taken[]): void {
    for (const each of taken) this.#taken.push(each)
  }

  /**
   * Removes the first events.
   * @param again those among them that stay, in order
   * @returns what was removed, and the position up to which everything is acknowledged, if it moved
   */
  remove(
    count: number,
    again: readonly QueuedEvent[],
  ): { readonly removed: readonly QueuedEvent[]; readonly acknowledged: Position | undefined } {
    const stays = new Set(again)
    const first = this.#taken.splice(0, count)
    this.#taken.unshift(...first.filter(({ event }) => stays.has(event)))
    const firstStays = first.findIndex(({ event }) => stays.has(event))
    const inFront = firstStays < 0 ? first : first.slice(0, firstStays)
    return {
      removed: first.map(({ event }) => event).filter((event) => !stays.has(event)),
      acknowledged: inFront.findLast(({ behind }) => behind !== undefined)?.behind,
    }
  }
}
